package dev.tutti.document;

import dev.tutti.hub.Protocol;

/**
 * Receives the counts of documents and of their store. Called from any thread, once for a run, a write or a commit, and never for each delivery.
 * Methods return soon and throw nothing.
 */
public interface DocumentMetrics {
    /** Counts nothing. */
    DocumentMetrics NONE = new DocumentMetrics() {};

    /** A run has handed the update that merges its changes to clients; one that went to a hundred clients counts a hundred. */
    default void delivered(Protocol protocol, long updates) {}

    /** A run has handed its broadcast to clients; as {@link dev.tutti.hub.Metrics#sent}. */
    default void sent(long frames, long bytes) {}

    /** A run has handed changes to the store and to clients so long after the first of its events arrived. */
    default void updateTook(long nanos) {}

    /** A write is stored and acknowledged so long after the first of its updates was applied. */
    default void acknowledgementTook(long nanos) {}

    /** A run of a document has ended. */
    default void runTook(long nanos) {}

    /** Changes of another server did not arrive, so the document asks for them. */
    default void gapFound() {}

    /** A store has committed changes together. */
    default void committed(int changes, long nanos) {}

    /** A commit has failed. */
    default void commitFailed() {}
}
