package dev.tutti.store.file;

import dev.tutti.document.StoredDocument;
import dev.tutti.store.file.Entry.Header;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The catalog's entry of a document: its state, and the updates after it. Immutable.
 *
 * @param state the header of the state, null if the document has none
 * @param lastUpdate the sequence of the newest update after the state, 0 if there is none; each update leads to the one before it
 * @param updates the number of updates after the state
 * @param updateBytes the length of their contents in all
 * @param updateMillis the time of the newest update, in milliseconds since 1970
 */
record CatalogEntry(@Nullable Header state, long lastUpdate, int updates, long updateBytes, long updateMillis) {
    /** The entry of a document before its first update. */
    static final CatalogEntry NONE = new CatalogEntry(null, 0, 0, 0, 0);

    /** Returns the entry of a document with a state and no updates. */
    static CatalogEntry of(Header state) {
        return new CatalogEntry(state, 0, 0, 0, 0);
    }

    /** Returns this entry with one more update. */
    CatalogEntry plus(Header update) {
        return new CatalogEntry(
                state, update.sequence(), updates + 1, updateBytes + update.contentLength(), update.millis());
    }

    /** Returns the sequence of the newest entry of the document, 0 if it has none. */
    long last() {
        return updates > 0 ? lastUpdate : state == null ? 0 : state.sequence();
    }

    /**
     * Returns whether some ids are known to be those of all rows: the state's, the newest, and as many after the state as there are updates. No row
     * after the state is gone, because only another state or a deletion removes rows.
     *
     * @param ids of rows that the document has or had
     */
    boolean hasNoRowBeside(Set<Long> ids) {
        if (state == null || !ids.contains(state.sequence()) || !ids.contains(last())) {
            return false;
        }
        int later = 0;
        for (long id : ids) {
            if (id > state.sequence()) {
                later++;
            }
        }
        return later == updates;
    }

    /** Returns whether the document leaves garbage when a state or a tombstone replaces it. */
    boolean isGarbageWhenReplaced() {
        return updates > 0 || (state != null && Pieces.isLarge(state.contentLength()));
    }

    /** Returns the document with its bytes and the time of its last change. */
    StoredDocument listed(String name) {
        return state == null
                ? new StoredDocument(name, updateBytes, updateMillis)
                : new StoredDocument(name, updateBytes + state.contentLength(), Math.max(updateMillis, state.millis()));
    }
}
