package dev.tutti.history;

import dev.tutti.hub.Budget;
import dev.tutti.hub.HistoryMemory;

/** The memory of the rows of one room while they are read. Safe for any thread. */
final class LoadMemory {
    private final HistoryMemory memory;

    /** Guarded by this. */
    private long reserved;

    LoadMemory(HistoryMemory memory) {
        this.memory = memory;
    }

    /** Replaces the reservation by one of this size; false if there is not enough. */
    synchronized boolean tryReserve(long bytes) {
        release();
        if (memory.budget().usedBytes(Budget.Share.HISTORY) + bytes > memory.maxBytes()) {
            return false;
        }
        memory.count(bytes);
        reserved = bytes;
        return true;
    }

    /** Releases the reservation. */
    synchronized void release() {
        memory.count(-reserved);
        reserved = 0;
    }
}
