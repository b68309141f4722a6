package dev.tutti.document;

/**
 * A row of a store: an update of a document. Immutable.
 *
 * @param id never used by another row of the document
 * @param update as Yjs encodes it
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
public record StoredUpdate(long id, byte[] update) {}
