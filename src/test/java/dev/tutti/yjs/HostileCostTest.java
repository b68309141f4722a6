package dev.tutti.yjs;

import static dev.tutti.yjs.UpdateBuilder.deleted;
import static dev.tutti.yjs.UpdateBuilder.gc;
import static dev.tutti.yjs.UpdateBuilder.id;
import static dev.tutti.yjs.UpdateBuilder.skip;
import static dev.tutti.yjs.UpdateBuilder.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Updates made to be expensive cost no more than their size: of one twice as large a document allocates about twice as much, which it
 * does for each block that it reads.
 */
class HostileCostTest {
    private static final int UNITS = 4_000;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Twice the cost, and some for a further block or sorting step. */
    private static final double MAX_RATIO = 2.5;

    /** Upper bound of the whole cost; reading each range from its block's start would take ten times as much. */
    private static final double MAX_NANOS_A_BYTE = 1500;

    private static UpdateBuilder update() {
        return new UpdateBuilder();
    }

    /** The updates that one document receives, in this order. */
    private record Attack(List<byte[]> updates) {
        static Attack of(UpdateBuilder... updates) {
            return new Attack(Stream.of(updates).map(UpdateBuilder::build).toList());
        }

        /** Returns the bytes on the wire, with the overhead of each message. */
        long bytes() {
            return updates.stream().mapToLong(update -> 100 + update.length).sum();
        }
    }

    private static Named<IntFunction<Attack>> attack(String name, IntFunction<Attack> attack) {
        return Named.of(name, attack);
    }

    static Stream<Named<IntFunction<Attack>>> attacks() {
        return Stream.of(
                attack("clients with one struct each", n -> Attack.of(clients(n))),
                attack("clients with one delete each", n -> {
                    UpdateBuilder update = update();
                    for (int i = 0; i < n; i++) {
                        update.delete(i, 0, 1);
                    }
                    return Attack.of(update);
                }),
                attack("parked structs and gaps in turns", n -> Attack.of(parked(n))),
                attack(
                        "deletes of gaps among parked structs",
                        n -> Attack.of(parked(n), update().delete(1, everyOther(n, 0)))),
                attack("deletes of parked structs", n -> Attack.of(parked(n), update().delete(1, everyOther(n, 1)))),
                attack("gaps that are filled one by one", n -> Attack.of(parked(n), filling(n))),
                attack("gaps that are filled in updates of their own", n -> {
                    List<UpdateBuilder> updates = new ArrayList<>(List.of(parked(n)));
                    for (int i = n - 1; i >= 0; i--) {
                        updates.add(update().structs(1, 2L * i, item(i)));
                    }
                    return Attack.of(updates.toArray(UpdateBuilder[]::new));
                }),
                attack("deletes that wait for gaps that are filled", n -> {
                    UpdateBuilder deletes = update().delete(1, everyOther(n, 0));
                    return Attack.of(parked(n), deletes, filling(n));
                }),
                attack("small updates behind deletes that wait", n -> {
                    List<UpdateBuilder> updates = new ArrayList<>();
                    updates.add(update().structs(1, 3L * n, item(0)).delete(1, everyOther(n, 0)));
                    for (int i = 1; i <= n; i++) {
                        updates.add(update().structs(1, 3L * n + i, item(i)));
                    }
                    return Attack.of(updates.toArray(UpdateBuilder[]::new));
                }),
                attack("structs in descending order", n -> {
                    List<UpdateBuilder> updates = new ArrayList<>();
                    for (int i = n; i > 0; i--) {
                        updates.add(update().structs(1, i, item(i)));
                    }
                    return Attack.of(updates.toArray(UpdateBuilder[]::new));
                }),
                attack(
                        "deletes of single units of a text",
                        n -> Attack.of(
                                update().structs(1, 0, text(null, null, "x".repeat(2 * n))),
                                update().delete(1, everyOther(n, 0)))),
                attack("the same in descending order and twice", n -> {
                    long[] ranges = new long[4 * n];
                    for (int i = 0; i < n; i++) {
                        ranges[4 * i] = 2L * (n - i);
                        ranges[4 * i + 1] = 1;
                        ranges[4 * i + 2] = 2L * (n - i);
                        ranges[4 * i + 3] = 1;
                    }
                    return Attack.of(
                            update().structs(1, 0, text(null, null, "x".repeat(2 * n + 2))),
                            update().delete(1, ranges));
                }),
                attack("deletes of a client in sections of one", n -> {
                    UpdateBuilder update = update().structs(1, 3L * n, item(0));
                    for (int i = n; i > 0; i--) {
                        update.delete(1, 2L * i, 1);
                    }
                    return Attack.of(update);
                }),
                attack("tiny gaps", n -> {
                    byte[][] structs = new byte[n][];
                    for (int i = 0; i < n; i++) {
                        structs[i] = skip(1);
                    }
                    return Attack.of(update().structs(1, 1, structs));
                }),
                attack("the whole again and again", n -> {
                    UpdateBuilder whole = update().structs(1, 0, items(n)).delete(1, everyOther(n / 2, 0));
                    return Attack.of(whole, whole, whole);
                }),
                attack("children of one type, which is deleted", n -> {
                    byte[][] children = new byte[n][];
                    for (int i = 0; i < n; i++) {
                        children[i] = UpdateBuilder.child(id(1, 0), null, "x");
                    }
                    byte[] type = UpdateBuilder.other(Kind.TYPE, null, null, new byte[] {1});
                    return Attack.of(
                            update().structs(2, 0, children).structs(1, 0, type, deleted(null, id(3, 3), 1)),
                            update().delete(1, 0, 1));
                }));
    }

    private static UpdateBuilder clients(int n) {
        UpdateBuilder update = update();
        for (int i = n; i > 0; i--) {
            update.structs(i, 0, gc(1));
        }
        return update;
    }

    /** A struct that is never merged with its neighbours. */
    private static byte[] item(int i) {
        return text(null, id(2, i), "x");
    }

    private static byte[][] items(int n) {
        byte[][] items = new byte[n][];
        for (int i = 0; i < n; i++) {
            items[i] = item(i);
        }
        return items;
    }

    /** Items at every odd clock. */
    private static UpdateBuilder parked(int n) {
        byte[][] structs = new byte[2 * n][];
        for (int i = 0; i < n; i++) {
            structs[2 * i] = skip(1);
            structs[2 * i + 1] = item(i);
        }
        return update().structs(1, 0, structs);
    }

    /** Items at every even clock but the first. */
    private static UpdateBuilder filling(int n) {
        byte[][] structs = new byte[2 * n - 2][];
        for (int i = 0; i < n - 1; i++) {
            structs[2 * i] = item(i);
            structs[2 * i + 1] = skip(1);
        }
        return update().structs(1, 2, structs);
    }

    private static long[] everyOther(int n, int from) {
        long[] ranges = new long[2 * n];
        for (int i = 0; i < n; i++) {
            ranges[2 * i] = 2L * i + from;
            ranges[2 * i + 1] = 1;
        }
        return ranges;
    }

    /** The cost of applying an attack to a document, and of reading the document afterwards. */
    private record Cost(long allocatedBytes, long cpuNanos) {
        static Cost of(Attack attack) throws Exception {
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            long cpu = THREADS.getCurrentThreadCpuTime();
            YDocument document = new YDocument(DocumentLimits.NONE);
            for (byte[] update : attack.updates) {
                document.apply(update);
            }
            document.stateVectorWithout(attack.updates);
            document.encode();
            for (byte[] update : attack.updates) {
                document.contains(update);
            }
            YDocument.decode(attack.updates, DocumentLimits.NONE).dropParkedBefore(Long.MAX_VALUE);
            return new Cost(
                    THREADS.getCurrentThreadAllocatedBytes() - allocated, THREADS.getCurrentThreadCpuTime() - cpu);
        }
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void costGrowsWithTheInput(IntFunction<Attack> attack) throws Exception {
        Attack twice = attack.apply(2 * UNITS);
        Cost doubled = Cost.of(twice);
        long quickest = doubled.cpuNanos;
        for (int i = 0; i < 10 && quickest > MAX_NANOS_A_BYTE * twice.bytes(); i++) {
            quickest = Math.min(quickest, Cost.of(twice).cpuNanos); // the compiler needs some rounds
        }
        Cost once = Cost.of(attack.apply(UNITS));

        assertThat((double) Cost.of(twice).allocatedBytes / once.allocatedBytes)
                .as("growth")
                .isLessThan(MAX_RATIO);
        assertThat((double) quickest / twice.bytes()).as("ns a byte").isLessThan(MAX_NANOS_A_BYTE);
    }

    @Test
    void longStateVectorCostsNoMemory() throws Exception {
        YDocument document = new YDocument(DocumentLimits.NONE);
        document.apply(clients(100).build());
        byte[] vector = UpdateBuilder.vector(LongStream.range(0, 20_000).toArray()); // 10,000 clients
        byte[] known = document.diff(vector);
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        byte[] again = document.diff(vector);
        allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        assertThat(again).isEqualTo(known);
        assertThat(allocated).isLessThan(100_000);
    }
}
