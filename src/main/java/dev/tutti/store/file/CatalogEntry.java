package dev.tutti.store.file;

import dev.tutti.document.StoredDocument;
import dev.tutti.store.file.Entry.Header;
import org.jspecify.annotations.Nullable;

/**
 * What the catalog says of a document: its state, and the updates that came after it. Immutable.
 *
 * @param state the header of the state, null if the document has none
 * @param lastUpdate the sequence of the newest update after the state, 0 if there is none; each update names the one before it
 * @param updates how many they are
 * @param updateBytes the length of all of them together
 * @param updateMillis when the newest was made, since 1970
 */
record CatalogEntry(@Nullable Header state, long lastUpdate, int updates, long updateBytes, long updateMillis) {
    /** The entry of a document before its first update. */
    static final CatalogEntry NONE = new CatalogEntry(null, 0, 0, 0, 0);

    /** Returns the entry of a document that has a state alone. */
    static CatalogEntry of(Header state) {
        return new CatalogEntry(state, 0, 0, 0, 0);
    }

    /** Returns this with one more update. */
    CatalogEntry plus(Header update) {
        return new CatalogEntry(
                state, update.sequence(), updates + 1, updateBytes + update.contentLength(), update.millis());
    }

    /** Returns the sequence of the newest entry of the document, 0 if it has none. */
    long last() {
        return updates > 0 ? lastUpdate : state == null ? 0 : state.sequence();
    }

    /** Returns whether something of the document is to be removed when a state or a tombstone has replaced it. */
    boolean isGarbageWhenReplaced() {
        return updates > 0 || (state != null && Pieces.isLarge(state.contentLength()));
    }

    /** Returns the bytes and the time of the last change, for a list. */
    StoredDocument listed(String name) {
        return state == null
                ? new StoredDocument(name, updateBytes, updateMillis)
                : new StoredDocument(name, updateBytes + state.contentLength(), Math.max(updateMillis, state.millis()));
    }
}
