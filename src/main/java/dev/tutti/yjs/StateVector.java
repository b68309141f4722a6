package dev.tutti.yjs;

import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/** For each client, the clock of the first struct that the sender of the state vector lacks. Immutable. */
final class StateVector {
    /** Two numbers. */
    private static final int MIN_ENTRY_BYTES = 2;

    static final StateVector EMPTY = new StateVector(Map.of());

    private final Map<Long, Long> clocks;

    private StateVector(Map<Long, Long> clocks) {
        this.clocks = clocks;
    }

    /** Reads a state vector, and leaves out all clients but {@code clients}. */
    static StateVector decode(byte[] bytes, Set<Long> clients) throws MalformedUpdateException {
        Lib0Reader in = new Lib0Reader(bytes);
        Map<Long, Long> clocks = new HashMap<>();
        int entries = in.readCount(MIN_ENTRY_BYTES);
        LongPredicate isKnown = entries > clients.size() ? search(clients) : clients::contains;
        for (int left = entries; left > 0; left--) {
            long client = in.readVarUint();
            long clock = in.readVarUint();
            if (isKnown.test(client)) {
                clocks.put(client, clock);
            }
        }
        in.expectEnd();
        return new StateVector(clocks);
    }

    /** Returns a search without an object for each number, because a hostile state vector has many more clients than the document. */
    private static LongPredicate search(Set<Long> clients) {
        long[] sorted = clients.stream().mapToLong(Long::longValue).sorted().toArray();
        return client -> Arrays.binarySearch(sorted, client) >= 0;
    }

    /** Returns the clock of the first lacking struct of a client, which may be higher than any clock of a document. */
    long clock(long client) {
        return clocks.getOrDefault(client, 0L);
    }
}
