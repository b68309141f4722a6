package dev.tutti.yjs;

import static dev.tutti.yjs.UpdateBuilder.any;
import static dev.tutti.yjs.UpdateBuilder.id;
import static dev.tutti.yjs.UpdateBuilder.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** Updates in any order and any pieces make the same document, to the last byte. */
class YDocumentPropertyTest {
    private static final int CLIENTS = 3;

    /** Histories of a few clients: one update for each edit, in the order of time. */
    @Provide
    Arbitrary<List<byte[]>> histories() {
        return Arbitraries.longs().map(seed -> history(new Random(seed)));
    }

    private static List<byte[]> history(Random random) {
        List<byte[]> updates = new ArrayList<>();
        long[] clocks = new long[CLIENTS];
        for (int i = random.nextInt(40); i >= 0; i--) {
            int client = random.nextInt(CLIENTS);
            UpdateBuilder update = new UpdateBuilder();
            if (random.nextInt(4) > 0) {
                UpdateBuilder.Id last = clocks[client] == 0 ? null : id(client, clocks[client] - 1);
                UpdateBuilder.Id origin = random.nextInt(3) > 0 ? last : anyId(random, clocks);
                UpdateBuilder.Id right = random.nextInt(3) > 0 ? null : anyId(random, clocks);
                int length = 1 + random.nextInt(random.nextInt(10) == 0 ? 900 : 3);
                if (random.nextInt(4) > 0) {
                    String text = (random.nextBoolean() ? "x" : "é")
                            .repeat(length); // no surrogate pairs: split halves are not joined again
                    update.structs(client, clocks[client], text(origin, right, text));
                } else {
                    update.structs(client, clocks[client], any(origin, right, new int[length]));
                }
                clocks[client] += length;
            }
            if (random.nextInt(3) == 0) {
                int deleted = random.nextInt(CLIENTS);
                long from = random.nextInt((int) clocks[deleted] + 1);
                long to = from + random.nextInt((int) (clocks[deleted] - from) + 1);
                if (from < to) {
                    update.delete(deleted, from, to - from);
                }
            }
            updates.add(update.build());
        }
        return updates;
    }

    private static UpdateBuilder.@Nullable Id anyId(Random random, long[] clocks) {
        int client = random.nextInt(CLIENTS);
        return clocks[client] == 0 ? null : id(client, random.nextInt((int) clocks[client]));
    }

    private static YDocument document(List<byte[]> updates) throws Exception {
        YDocument document = new YDocument(DocumentLimits.NONE);
        for (byte[] update : updates) {
            document.apply(update);
        }
        return document;
    }

    private static void assertSame(YDocument actual, YDocument expected) {
        assertThat(actual.encode()).isEqualTo(expected.encode());
        assertThat(actual.stateVector()).isEqualTo(expected.stateVector());
        assertThat(actual.hasParked()).isEqualTo(expected.hasParked());
    }

    @Property
    void orderOfUpdatesDoesNotMatter(@ForAll("histories") List<byte[]> updates, @ForAll Random random)
            throws Exception {
        List<byte[]> shuffled = new ArrayList<>(updates);
        Collections.shuffle(shuffled, random);

        assertSame(document(shuffled), document(updates));
    }

    @Property
    void duplicatesDoNotMatter(@ForAll("histories") List<byte[]> updates, @ForAll Random random) throws Exception {
        List<byte[]> repeated = new ArrayList<>(updates);
        updates.forEach(update -> repeated.add(random.nextInt(repeated.size() + 1), update));

        assertSame(document(repeated), document(updates));
    }

    @Property
    void mergedUpdatesHaveTheSameEffect(@ForAll("histories") List<byte[]> updates, @ForAll Random random)
            throws Exception {
        List<byte[]> shuffled = new ArrayList<>(updates);
        Collections.shuffle(shuffled, random);
        List<byte[]> merged = new ArrayList<>();
        for (int from = 0; from < shuffled.size(); ) {
            int to = Math.min(shuffled.size(), from + 1 + random.nextInt(6));
            merged.add(Updates.merge(shuffled.subList(from, to)));
            from = to;
        }

        assertSame(document(merged), document(updates));
        assertThat(Updates.merge(merged)).isEqualTo(document(updates).encode());
    }

    @Property
    void decodedDocumentEqualsTheEncodedOne(@ForAll("histories") List<byte[]> updates, @ForAll Random random)
            throws Exception {
        List<byte[]> some =
                updates.stream().filter(update -> random.nextInt(4) > 0).toList();
        byte[] encoded = document(some).encode();

        assertSame(document(List.of(encoded)), document(some));
        assertThat(document(List.of(encoded)).apply(encoded)).isEmpty();
    }

    @Property
    void resultOfApplyIsAllThatIsNew(@ForAll("histories") List<byte[]> updates, @ForAll Random random)
            throws Exception {
        List<byte[]> shuffled = new ArrayList<>(updates);
        Collections.shuffle(shuffled, random);
        YDocument first = new YDocument(DocumentLimits.NONE);
        YDocument second = new YDocument(DocumentLimits.NONE);
        for (byte[] update : shuffled) {
            byte[] before = first.encode();
            byte[] news = first.apply(update).orElse(null);
            if (news == null) {
                assertThat(first.encode()).isEqualTo(before);
            } else {
                assertThat(second.apply(news)).contains(news);
            }
            assertSame(second, first);
        }
    }

    @Property
    void differenceCompletesAnotherDocument(@ForAll("histories") List<byte[]> updates, @ForAll Random random)
            throws Exception {
        YDocument whole = document(updates);
        YDocument part = document(updates.subList(0, random.nextInt(updates.size() + 1)));
        byte[] difference = whole.diff(part.stateVector());
        part.apply(difference);

        assertSame(part, whole);
        assertThat(whole.diff(whole.stateVector()).length).isLessThanOrEqualTo(difference.length);
    }

    @Property
    void differenceFromAnyClockCompletes(@ForAll("histories") List<byte[]> updates, @ForAll Random random)
            throws Exception {
        YDocument whole = document(updates);
        long[] vector = new long[2 * CLIENTS];
        for (int client = 0; client < CLIENTS; client++) {
            vector[2 * client] = client;
            vector[2 * client + 1] = random.nextInt(50);
        }
        byte[] known = whole.encode();
        YDocument joined = document(List.of(whole.diff(UpdateBuilder.vector(vector)), known));

        assertSame(joined, whole);
    }
}
