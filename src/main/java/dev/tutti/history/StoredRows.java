package dev.tutti.history;

import java.util.HashSet;
import java.util.Set;

/** The rows of a room in the store: a state, and a tail of later rows. Guarded by the room. */
final class StoredRows {
    /** The tail may grow to this size, or to that of the state. */
    private static final long MIN_TAIL_BYTES = 16 << 10;

    /** About the bytes that a store needs for a row beside its content. */
    private static final int ROW_BYTES = 128;

    private final Set<Long> ids = new HashSet<>();
    private long stateBytes;
    private long tailBytes;
    private boolean holdPublications;

    /** Adds the state. */
    void setState(long id, long bytes, boolean holdsPublications) {
        ids.add(id);
        stateBytes = bytes;
        holdPublications |= holdsPublications;
    }

    /** Adds a row to the tail. */
    void add(long id, long bytes) {
        if (ids.add(id)) {
            tailBytes += bytes;
            holdPublications = true;
        }
    }

    void clear() {
        ids.clear();
        stateBytes = 0;
        tailBytes = 0;
        holdPublications = false;
    }

    boolean isEmpty() {
        return ids.isEmpty();
    }

    Set<Long> ids() {
        return Set.copyOf(ids);
    }

    /** Returns the bytes of all rows. */
    long bytes() {
        return stateBytes + tailBytes;
    }

    /**
     * Returns whether a state should replace the rows: the tail is as long as the state, so that the store writes each publication twice, on
     * average; or the room retains nothing of the rows.
     */
    boolean isFoldDue(boolean retainsNothing) {
        return tailBytes + (long) ROW_BYTES * ids.size() > Math.max(MIN_TAIL_BYTES, stateBytes)
                || (holdPublications && retainsNothing);
    }
}
