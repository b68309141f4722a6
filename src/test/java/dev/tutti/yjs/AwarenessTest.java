package dev.tutti.yjs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class AwarenessTest {
    private final Awareness awareness = new Awareness(AwarenessLimits.DEFAULT);

    /** Encodes triples of client, clock and state. */
    private static byte[] said(Object... entries) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarUint(entries.length / 3);
        for (int i = 0; i < entries.length; i += 3) {
            out.writeVarUint(((Number) entries[i]).longValue());
            out.writeVarUint(((Number) entries[i + 1]).longValue());
            out.writeVarString((String) entries[i + 2]);
        }
        return out.toByteArray();
    }

    private static Awareness.Change change(List<Long> added, List<Long> updated, List<Long> removed) {
        return new Awareness.Change(added, updated, removed, List.of(), List.of());
    }

    private static final List<Long> NOBODY = List.of();

    @Test
    void whoSpeaksIsThere() throws Exception {
        assertThat(awareness.apply(said(7, 1, "{}", 8, 3, "{\"a\":1}"), 0))
                .isEqualTo(change(List.of(7L, 8L), NOBODY, NOBODY));
        assertThat(awareness.clients()).containsExactlyInAnyOrder(7L, 8L);
        assertThat(awareness.encode(List.of(8L, 7L, 9L))).isEqualTo(said(8, 3, "{\"a\":1}", 7, 1, "{}"));
    }

    @Test
    void theNewerClockWins() throws Exception {
        awareness.apply(said(7, 2, "2"), 0);

        assertThat(awareness.apply(said(7, 1, "1"), 0)).isEqualTo(change(NOBODY, NOBODY, NOBODY));
        assertThat(awareness.apply(said(7, 2, "22"), 0).changed()).isEmpty();
        assertThat(awareness.encode(List.of(7L))).isEqualTo(said(7, 2, "2"));
        assertThat(awareness.apply(said(7, 3, "2"), 0)).isEqualTo(change(NOBODY, List.of(7L), NOBODY));
        assertThat(awareness.encode(List.of(7L))).isEqualTo(said(7, 3, "2"));
    }

    @Test
    void aStateThatIsNullLeavesAtTheSameClock() throws Exception {
        awareness.apply(said(7, 2, "{}"), 0);

        assertThat(awareness.apply(said(7, 1, "null"), 0).changed()).isEmpty();
        assertThat(awareness.apply(said(7, 2, " null "), 0)).isEqualTo(change(NOBODY, NOBODY, List.of(7L)));
        assertThat(awareness.clients()).isEmpty();
        assertThat(awareness.encode(List.of(7L))).isEqualTo(said(7, 2, "null"));
    }

    @Test
    void aStrangersLeavingIsNoNews() throws Exception {
        assertThat(awareness.apply(said(7, 2, "null"), 0).changed()).isEmpty();
        assertThat(awareness.encode(List.of(7L))).isEqualTo(said());
    }

    @Test
    void anEchoOfOneWhoLeftBringsNobodyBack() throws Exception {
        byte[] state = said(7, 2, "{}");
        awareness.apply(state, 0);
        assertThat(awareness.remove(List.of(7L, 8L), 10)).containsExactly(7L);
        assertThat(awareness.remove(List.of(7L), 10)).isEmpty();

        Awareness.Change echo = awareness.apply(state, 20);
        assertThat(echo.changed()).isEmpty();
        assertThat(echo.outdated()).containsExactly(7L);
        assertThat(awareness.encode(echo.outdated())).isEqualTo(said(7, 3, "null"));
        assertThat(awareness.apply(said(7, 4, "{}"), 30).added()).containsExactly(7L);
    }

    @Test
    void whoIsSilentForTooLongIsGoneAndLaterForgotten() throws Exception {
        awareness.apply(said(7, 1, "{}", 8, 1, "{}"), 0);
        awareness.apply(said(8, 2, "{}"), 20_000);

        assertThat(awareness.expire(29_999, 30_000)).isEmpty();
        assertThat(awareness.expire(30_000, 30_000)).containsExactly(7L);
        assertThat(awareness.encode(List.of(7L))).isEqualTo(said(7, 2, "null"));
        assertThat(awareness.expire(60_000, 30_000)).containsExactly(8L);
        assertThat(awareness.encode(List.of(7L, 8L))).isEqualTo(said(8, 3, "null"));
        assertThat(awareness.expire(90_000, 30_000)).isEmpty();
        assertThat(awareness.encode(List.of(7L, 8L))).isEqualTo(said());
    }

    @Test
    void aRepeatedStateIsNoSignOfLife() throws Exception {
        awareness.apply(said(7, 1, "{}"), 0);
        awareness.apply(said(7, 1, "{}"), 20_000);

        assertThat(awareness.expire(30_000, 30_000)).containsExactly(7L);
    }

    @Test
    void theLargestClockMayLeaveToo() throws Exception {
        long max = Lib0Reader.MAX_UINT;
        awareness.apply(said(max, max, "{}"), 0);

        assertThat(awareness.remove(List.of(max), 0)).containsExactly(max);
        assertThat(awareness.encode(List.of(max))).isEqualTo(said(max, max, "null"));
    }

    @Test
    void tooManyClientsAreRefusedAndChangeNothing() throws Exception {
        Awareness small = new Awareness(new AwarenessLimits(2, 1000));
        small.apply(said(1, 1, "{}", 2, 1, "{}"), 0);

        assertThatThrownBy(() -> small.apply(said(1, 2, "[]", 3, 1, "{}"), 0))
                .isInstanceOf(LimitExceededException.class);
        assertThat(small.encode(List.of(1L, 3L))).isEqualTo(said(1, 1, "{}"));
        small.apply(said(1, 2, "[]"), 0);
        small.remove(List.of(2L), 0);
        assertThat(small.apply(said(3, 1, "{}"), 0).added())
                .as("whoever left makes room")
                .containsExactly(3L);
    }

    @Test
    void tooManyBytesAreRefusedAndChangeNothing() throws Exception {
        Awareness small = new Awareness(new AwarenessLimits(100, 10));
        small.apply(said(1, 1, "\"1234\"", 2, 1, "1234"), 0);

        assertThatThrownBy(() -> small.apply(said(1, 2, "\"12345\""), 0)).isInstanceOf(LimitExceededException.class);
        small.apply(said(1, 2, "12345"), 0);
        small.apply(said(2, 2, "12345"), 0);
        small.remove(List.of(1L), 0);
        assertThat(small.apply(said(3, 1, "12345"), 0).added()).containsExactly(3L);
        assertThatThrownBy(() -> small.apply(said(4, 1, "1"), 0)).isInstanceOf(LimitExceededException.class);
    }

    @Test
    void whatIsNoUpdateIsRefusedAndChangesNothing() throws Exception {
        byte[] good = said(7, 1, "{\"é\":[]}", 8, 2, "null");
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> awareness.apply(cut, 0)).isInstanceOf(MalformedUpdateException.class);
        }
        byte[] longer = Arrays.copyOf(good, good.length + 1);
        for (byte[] bad : List.of(
                longer, said(7, 1, ""), said(7, 1, "{"), said(7, 1, "undefined"), new byte[] {1, 7, 1, 1, (byte) 0xFF
                })) {
            assertThatThrownBy(() -> awareness.apply(bad, 0)).isInstanceOf(MalformedUpdateException.class);
        }
        assertThat(awareness.clients()).isEmpty();
    }

    /** Whoever hears everything, in whatever order, ends up with the same: as long as nobody lies about a clock. */
    @Property
    void theOrderDoesNotMatter(@ForAll Random random) throws Exception {
        List<byte[]> updates = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            int client = random.nextInt(4);
            int clock = 1 + random.nextInt(6);
            String state = (client + clock) % 3 == 0 ? "null" : "{\"clock\":" + clock + "}";
            updates.add(said(client, clock, state));
        }
        List<Long> all = List.of(0L, 1L, 2L, 3L);
        byte[] greeting = said(0, 1, "1", 1, 1, "1", 2, 1, "1", 3, 1, "1");
        List<String> ends = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            Awareness one = new Awareness(AwarenessLimits.DEFAULT);
            one.apply(greeting, 0);
            Collections.shuffle(updates, random);
            for (byte[] update : updates) {
                one.apply(update, 0);
            }
            ends.add(new String(one.encode(all), UTF_8));
        }
        assertThat(ends.get(1)).isEqualTo(ends.get(0));
    }

    @Test
    void whoSpeaksAfterBeingTakenForGoneIsRevived() throws Exception {
        awareness.apply(said(7, 2, "{}"), 0);
        awareness.remove(List.of(7L), 10);

        Awareness.Change change = awareness.apply(said(7, 2, "{\"a\":1}"), 20, id -> true, true);
        assertThat(change.added()).containsExactly(7L);
        assertThat(change.outdated()).containsExactly(7L);
        assertThat(awareness.encode(List.of(7L))).isEqualTo(said(7, 4, "{\"a\":1}"));
    }

    @Test
    void whatIsSaidAsOneIsRenewedIsHeard() throws Exception {
        awareness.apply(said(7, 2, "1"), 0);
        assertThat(awareness.renew(List.of(7L, 8L), 0)).containsExactly(7L);
        assertThat(awareness.encode(List.of(7L))).isEqualTo(said(7, 3, "1"));

        assertThat(awareness.apply(said(7, 3, "1"), 0).changed()).isEmpty(); // repeats it
        assertThat(awareness.apply(said(7, 3, "2"), 0).updated()).containsExactly(7L);
        assertThat(awareness.encode(List.of(7L))).isEqualTo(said(7, 4, "2"));
        assertThat(awareness.apply(said(7, 4, "3"), 0).updated()).containsExactly(7L); // still one behind
        assertThat(awareness.apply(said(7, 6, "4"), 0).updated()).containsExactly(7L);
        assertThat(awareness.apply(said(7, 6, "5"), 0).changed()).isEmpty();
        assertThat(awareness.encode(List.of(7L))).isEqualTo(said(7, 6, "4"));
    }
}
