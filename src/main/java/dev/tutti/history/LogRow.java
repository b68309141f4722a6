package dev.tutti.history;

import dev.tutti.hub.Publication;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row of a room in the store: publications that follow each other. Immutable.
 *
 * @param isState whether the row holds all publications that the room retains, and so replaces all rows with smaller serials; else it continues
 *     the row before it
 * @param serial greater than that of each row of this room that was written earlier; a store returns rows in any order
 * @param epoch of the publications
 * @param endedEpochs the earlier epochs, the earliest first, each with its last offset; empty unless the row is a state
 * @param first the offset of the first publication; if there is none, of the next one
 */
record LogRow(
        boolean isState,
        long serial,
        String epoch,
        Map<String, Long> endedEpochs,
        long first,
        List<Keyed> publications) {

    /** A publication with its key, which is null if it has none. Immutable. */
    record Keyed(Publication publication, @Nullable String key) {}

    /** Returns the offset of the last publication; if there is none, of the one before the next. */
    long last() {
        return first + publications.size() - 1;
    }
}
