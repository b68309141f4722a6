package dev.tutti.document;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * The rows of a live document whose updates are in its state: a state, and the tail of what came after it. Confined to the document's run.
 */
final class CoveredRows {
    /** The tail may grow to this size, or to that of the state. */
    private static final long MIN_TAIL_BYTES = 16 * 1024;

    /** How long a tail may stay when the document is put away: this, and a quarter of the state. */
    private static final long MIN_RESTING_BYTES = 1024;

    private long[] ids = new long[2];
    private int count;
    /** The length of the longest row, which is taken for the state. */
    private long stateBytes;
    /** The length of all others together. */
    private long tailBytes;
    /** The tail at which the next state is due, at least: more than the usual after a state could not be written. */
    private long minTailBytes = MIN_TAIL_BYTES;

    void add(long id, long bytes) {
        if (count == ids.length) {
            ids = Arrays.copyOf(ids, 2 * count);
        }
        ids[count++] = id;
        tailBytes += Math.min(bytes, stateBytes);
        stateBytes = Math.max(bytes, stateBytes);
    }

    void clear() {
        ids = new long[2];
        count = 0;
        stateBytes = 0;
        tailBytes = 0;
        minTailBytes = MIN_TAIL_BYTES;
    }

    boolean isEmpty() {
        return count == 0;
    }

    Set<Long> ids() {
        Set<Long> all = new HashSet<>(2 * count);
        for (int i = 0; i < count; i++) {
            all.add(ids[i]);
        }
        return all;
    }

    /** Returns whether a state should replace the rows. */
    boolean isTailLong() {
        return tailBytes > Math.max(minTailBytes, stateBytes);
    }

    /** Returns whether a state should replace the rows when the document is put away. */
    boolean isTailLongAtRest() {
        return tailBytes > stateBytes / 4 + MIN_RESTING_BYTES;
    }

    /** A state could not be written: the next is due only when the tail is twice as long. */
    void postponeState(long newBytes) {
        minTailBytes = 2 * (tailBytes + newBytes);
    }
}
