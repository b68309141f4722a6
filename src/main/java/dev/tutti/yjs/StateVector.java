package dev.tutti.yjs;

import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

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
        for (int left = in.readCount(MIN_ENTRY_BYTES); left > 0; left--) {
            long client = in.readVarUint();
            long clock = in.readVarUint();
            if (clients.contains(client)) {
                clocks.put(client, clock);
            }
        }
        in.expectEnd();
        return new StateVector(clocks);
    }

    /** Returns the clock of the first lacking struct of a client, which may be higher than any clock of a document. */
    long clock(long client) {
        return clocks.getOrDefault(client, 0L);
    }
}
