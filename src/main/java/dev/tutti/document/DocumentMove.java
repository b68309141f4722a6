package dev.tutti.document;

/**
 * A change of a document's name, together with a note in another document: a {@link DocumentStore} does both or neither. Immutable.
 *
 * @param from the present name of the document
 * @param to the next name of the document
 * @param note the name of another document, whose rows the content replaces
 * @param content the only row of the note; empty to remove the note
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
public record DocumentMove(String from, String to, String note, byte[] content) {
    /** The result of a move. Only {@code MOVED} has changed the store. */
    public enum Result {
        MOVED,
        /** There is no document {@code from}. */
        UNKNOWN,
        /** There is a document {@code to}. */
        TAKEN
    }
}
