package dev.tutti.document;

import dev.tutti.document.Version.Writers;

/**
 * The state of a live document that becomes a version. Its owner releases its memory.
 *
 * @param state as an update; empty if the document has no content
 * @param reservedBytes of the budget's output share
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
record VersionDraft(DocumentKey key, byte[] state, Writers writers, long reservedBytes) {
    boolean isEmpty() {
        return state.length == 0;
    }
}
