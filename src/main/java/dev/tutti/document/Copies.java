package dev.tutti.document;

import dev.tutti.yjs.LimitExceededException;
import org.jspecify.annotations.Nullable;

/** The copies of a document on other servers. Confined to the document's run. */
interface Copies {
    /** There are no other servers. */
    Copies NONE = new Copies() {};

    /** The channel receives again: messages were lost, and rows may have been written meanwhile. */
    default void connected(long nowNanos) {}

    /**
     * Handles a message of another copy.
     *
     * @throws LimitExceededException if this server cannot hold the change; then this copy must end
     */
    default void receive(RelayMessage message, long nowNanos) throws LimitExceededException {}

    /**
     * Sends the changes of a run, after they were handed to the store.
     *
     * @param update of this server's clients; null for none
     */
    default void endRun(byte @Nullable [] update, long nowNanos) {}

    /** Sends due messages, asks other copies for missing changes, and ends silent copies. */
    default void tick(long nowNanos) {}

    /** Returns whether {@link #tick} has work to do that must not wait for the next sign of life. */
    default boolean isDue() {
        return false;
    }

    /** Returns the number by which other copies know the last change of this server's clients; 0 for none. */
    default long last() {
        return 0;
    }

    /** Returns the copies on other servers that a port leads to; null for none. */
    static Copies of(
            @Nullable RelayPort port,
            String name,
            RelayedContent content,
            Persistence persistence,
            DocumentAwareness awareness,
            UnstoredChanges unstored) {
        return port == null ? NONE : new Peers(name, port, content, persistence, awareness, unstored);
    }
}
