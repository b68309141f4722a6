package dev.tutti.document;

/**
 * A change of a document's name, together with a note in a row elsewhere: a {@link DocumentStore} does both or neither. Immutable.
 *
 * @param from the name of the document
 * @param to its name afterwards
 * @param note the name of a document whose rows the content replaces
 * @param content the only row of the note; empty to remove the note
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
public record DocumentMove(String from, String to, String note, byte[] content) {
    /** The result of a move; after any but the first, nothing has changed. */
    public enum Result {
        MOVED,
        /** There is no document {@code from}. */
        UNKNOWN,
        /** There is a document {@code to}. */
        TAKEN
    }
}
