package dev.tutti.yjs;

import static dev.tutti.yjs.Awareness.Effect.ADDED;
import static dev.tutti.yjs.Awareness.Effect.NONE;
import static dev.tutti.yjs.Awareness.Effect.OUTDATED;
import static dev.tutti.yjs.Awareness.Effect.REMOVED;
import static dev.tutti.yjs.Awareness.Effect.UPDATED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.Lib0Writer;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class AwarenessTest {
    private final Awareness awareness = new Awareness();

    /** Encodes triples of client, clock and state. */
    private static byte[] update(Object... entries) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(entries.length / 3);
        for (int i = 0; i < entries.length; i += 3) {
            out.writeVarUint(((Number) entries[i]).longValue());
            out.writeVarUint(((Number) entries[i + 1]).longValue());
            out.writeVarString((String) entries[i + 2]);
        }
        return out.toByteArray();
    }

    private static Awareness.Entry entry(long id, long clock, String state) {
        try {
            return Awareness.decode(update(id, clock, state)).get(0);
        } catch (MalformedUpdateException e) {
            throw new AssertionError(e);
        }
    }

    private Awareness.Effect apply(long id, long clock, String state) {
        return awareness.apply(entry(id, clock, state));
    }

    private Awareness.Effect claim(long id, long clock, String state) {
        return awareness.claim(entry(id, clock, state));
    }

    private void assertKnown(Object... entries) {
        assertThat(awareness.encode(List.of(7L, 8L))).isEqualTo(update(entries));
    }

    @Test
    void firstStateAddsTheClient() {
        assertThat(apply(7, 1, "{}")).isEqualTo(ADDED);
        assertThat(apply(8, 3, "{\"a\":1}")).isEqualTo(ADDED);
        assertThat(awareness.present()).containsExactlyInAnyOrder(7L, 8L);
        assertKnown(7, 1, "{}", 8, 3, "{\"a\":1}");
        assertThat(awareness.count()).isEqualTo(2);
        assertThat(awareness.bytes()).isEqualTo(9);
    }

    @Test
    void newerClockWins() {
        apply(7, 2, "2");

        assertThat(apply(7, 1, "1")).isEqualTo(NONE);
        assertThat(apply(7, 2, "22")).isEqualTo(NONE);
        assertKnown(7, 2, "2");
        assertThat(apply(7, 3, "2")).isEqualTo(UPDATED);
        assertKnown(7, 3, "2");
    }

    @Test
    void nullStateRemovesAtTheSameClock() {
        apply(7, 2, "{}");

        assertThat(apply(7, 1, "null")).isEqualTo(NONE);
        assertThat(apply(7, 2, " null ")).isEqualTo(REMOVED);
        assertThat(awareness.present()).isEmpty();
        assertKnown(7, 2, "null");
        assertThat(awareness.removedCount()).isOne();
        awareness.forgetRemoved();
        assertKnown();
    }

    @Test
    void removalOfAnUnknownClientChangesNothing() {
        assertThat(apply(7, 2, "null")).isEqualTo(NONE);
        assertKnown();
    }

    @Test
    void lateEchoDoesNotRestoreARemovedClient() {
        apply(7, 2, "{}");
        assertThat(awareness.remove(7)).isTrue();
        assertThat(awareness.remove(7)).isFalse();
        assertThat(awareness.remove(8)).isFalse();

        assertThat(apply(7, 2, "{}")).isEqualTo(OUTDATED);
        assertKnown(7, 3, "null");
        assertThat(apply(7, 4, "{}")).isEqualTo(ADDED);
    }

    @Test
    void clocksStayFarBelowTheirMaximum() {
        assertThat(apply(7, Lib0Reader.MAX_UINT, "{}")).isEqualTo(NONE);
        assertThat(claim(7, Lib0Reader.MAX_UINT, "{}")).isEqualTo(NONE);
        apply(7, 1, "{}");
        assertThat(apply(7, Lib0Reader.MAX_UINT, "{}")).isEqualTo(UPDATED);
        assertThat(awareness.clock(7)).isEqualTo(1 + (1 << 20));
        claim(7, Lib0Reader.MAX_UINT, "{}");
        assertThat(awareness.clock(7)).isEqualTo(2 + (2 << 20));
    }

    @Test
    void malformedUpdateIsRefused() {
        byte[] good = update(7, 1, "{\"é\":[]}", 8, 2, "null");
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> Awareness.decode(cut)).isInstanceOf(MalformedUpdateException.class);
        }
        byte[] longer = Arrays.copyOf(good, good.length + 1);
        for (byte[] bad : List.of(longer, update(7, 1, ""), update(7, 1, "{"), update(7, 1, "undefined"), new byte[] {
            1, 7, 1, 1, (byte) 0xFF
        })) {
            assertThatThrownBy(() -> Awareness.decode(bad)).isInstanceOf(MalformedUpdateException.class);
        }
    }

    /** All receivers of the same entries, in any order, have the same states, unless a client repeats a clock with another state. */
    @Property
    void orderOfEntriesDoesNotMatter(@ForAll Random random) {
        List<Awareness.Entry> entries = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            int client = random.nextInt(4);
            int clock = 1 + random.nextInt(6);
            String state = (client + clock) % 3 == 0 ? "null" : "{\"clock\":" + clock + "}";
            entries.add(entry(client, clock, state));
        }
        List<Long> all = List.of(0L, 1L, 2L, 3L);
        List<String> ends = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            Awareness one = new Awareness();
            all.forEach(id -> one.apply(entry(id, 1, "1")));
            Collections.shuffle(entries, random);
            entries.forEach(one::apply);
            ends.add(new String(one.encode(all), UTF_8));
        }
        assertThat(ends.get(1)).isEqualTo(ends.get(0));
    }

    @Test
    void claimGetsANewerClock() {
        assertThat(claim(7, 0, "{}")).isEqualTo(NONE); // it has set no state yet
        assertThat(claim(7, 5, "{}")).isEqualTo(ADDED);
        assertKnown(7, 6, "{}");
        assertThat(claim(7, 2, "2")).isEqualTo(UPDATED);
        assertKnown(7, 7, "2");
        awareness.remove(7);
        assertThat(claim(7, 7, "3")).isEqualTo(ADDED);
        assertKnown(7, 9, "3");
        assertThat(claim(7, 9, "null")).isEqualTo(REMOVED);
        assertThat(awareness.encodeRemoved(List.of(7L))).isEqualTo(update(7, 9, "null"));
    }

    @Test
    void stateThatCrossesARenewalIsApplied() {
        apply(7, 2, "1");
        assertThat(awareness.renew(List.of(7L, 8L))).containsExactly(7L);
        assertKnown(7, 3, "1");

        assertThat(apply(7, 3, "1")).isEqualTo(NONE); // repeats it
        assertThat(apply(7, 3, "2")).isEqualTo(UPDATED);
        assertKnown(7, 4, "2");
        assertThat(apply(7, 4, "3")).isEqualTo(UPDATED); // still one behind
        assertThat(apply(7, 6, "4")).isEqualTo(UPDATED);
        assertThat(apply(7, 6, "5")).isEqualTo(NONE);
        assertKnown(7, 6, "4");
    }
}
