package dev.tutti.history;

import dev.tutti.hub.Budget;

/** The memory of the rows of one room while they are read. Safe for any thread. */
final class LoadMemory {
    private final Budget budget;
    private final long maxBytes;

    /** Guarded by this. */
    private long reserved;

    /** @param maxBytes of all histories together */
    LoadMemory(Budget budget, long maxBytes) {
        this.budget = budget;
        this.maxBytes = maxBytes;
    }

    /** Reserves memory instead of what was reserved before; false if there is not enough. */
    synchronized boolean tryReserve(long bytes) {
        release();
        if (budget.usedBytes(Budget.Share.HISTORY) + bytes > maxBytes) {
            return false;
        }
        budget.reserve(Budget.Share.HISTORY, bytes);
        reserved = bytes;
        return true;
    }

    /** Releases what is reserved. */
    synchronized void release() {
        budget.release(Budget.Share.HISTORY, reserved);
        reserved = 0;
    }
}
