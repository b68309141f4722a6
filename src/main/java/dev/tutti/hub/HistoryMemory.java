package dev.tutti.hub;

/**
 * The memory that the histories of all rooms together use, in {@link Budget.Share#HISTORY}. Immutable; the caller holds the monitor of the
 * history's room.
 *
 * @param maxBytes that all histories together may retain
 */
public record HistoryMemory(Budget budget, long maxBytes) {
    /** Counts the bytes by which a history has grown, or has shrunk if negative. */
    public void count(long bytes) {
        if (bytes != 0) {
            budget.reserve(Budget.Share.HISTORY, bytes);
        }
    }

    /** Drops the earliest publications of a history while all histories together retain too much. */
    public void shrink(History history) {
        while (budget.usedBytes(Budget.Share.HISTORY) > maxBytes && !history.isEmpty()) {
            count(history.dropEarliest());
        }
    }
}
