package dev.tutti.document;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * The stored rows whose updates a live document has: a state, and a tail of later updates. Decides when the tail is long enough to fold it
 * into the state. Confined to the document's run.
 */
final class CoveredRows {
    /** The tail may grow to this size, or to that of the state. */
    private static final long MIN_TAIL_BYTES = 16 * 1024;

    /** The tail that may remain when the document is unloaded: this, and a quarter of the state. */
    private static final long MIN_UNLOADED_TAIL_BYTES = 1024;

    private long[] ids = new long[2];
    private int count;
    /** Bytes of the longest row, which is taken for the state. */
    private long stateBytes;
    /** Bytes of all other rows. */
    private long tailBytes;
    /** The next state is not due with a shorter tail; longer than usual after a state could not be written. */
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

    /** Returns whether a state should replace the rows of an open document. */
    boolean isFoldDue() {
        return tailBytes > Math.max(minTailBytes, stateBytes);
    }

    /** Returns whether a state should replace the rows before the document is unloaded. */
    boolean isFoldDueAtUnload() {
        return tailBytes > stateBytes / 4 + MIN_UNLOADED_TAIL_BYTES;
    }

    /** A state could not be written: the next one is due when the tail, with {@code newBytes}, has doubled. */
    void postponeFold(long newBytes) {
        minTailBytes = 2 * (tailBytes + newBytes);
    }
}
