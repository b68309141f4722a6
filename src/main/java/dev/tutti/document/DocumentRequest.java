package dev.tutti.document;

/** A message of a client about a document, read from the wire. Immutable. */
public sealed interface DocumentRequest {
    /** Returns whether this is about awareness, and not about content. */
    default boolean isAboutAwareness() {
        return this instanceof AwarenessUpdate || this instanceof AwarenessQuery;
    }

    /** Asks for all structs that the state vector does not cover, and all deletes. */
    @SuppressWarnings("ArrayRecordComponent") // requests are not compared
    record Sync(byte[] stateVector) implements DocumentRequest {}

    /** Brings an update, new or requested by the server. */
    @SuppressWarnings("ArrayRecordComponent") // requests are not compared
    record Update(byte[] update) implements DocumentRequest {}

    /** Brings an awareness update. */
    @SuppressWarnings("ArrayRecordComponent") // requests are not compared
    record AwarenessUpdate(byte[] update) implements DocumentRequest {}

    /** Asks for the awareness states of all members. */
    record AwarenessQuery() implements DocumentRequest {}

    /** Asks for the mark back once all earlier updates of the client are stored. */
    @SuppressWarnings("ArrayRecordComponent") // requests are not compared
    record Confirm(byte[] mark) implements DocumentRequest {}
}
