package dev.tutti.document;

/**
 * A row of a store: an update of a document. Immutable.
 *
 * @param id which no other row of the document has, or ever had
 * @param update as Yjs encodes it
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
public record StoredUpdate(long id, byte[] update) {}
