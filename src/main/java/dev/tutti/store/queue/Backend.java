package dev.tutti.store.queue;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * The place where a {@link QueuedStore} keeps its documents. All methods may block. They throw a {@link dev.tutti.document.StoreException} if
 * the place cannot be read or written.
 *
 * <p>The writer's thread alone calls {@link #commit}, {@link #maintain} and {@link #close}. The other methods are safe for any thread, and
 * see the last commit.
 */
public interface Backend {
    /** Upper bound of the changes in one commit. */
    int MAX_CHANGES = 10_000;

    /** A result of {@link #maintain}: there is nothing to do before the next commit. */
    long UNTIL_NEXT_COMMIT = Long.MAX_VALUE;

    /** Returns the rows of a document; see {@link DocumentStore#load(String)}. */
    List<StoredUpdate> load(String name);

    /** Returns the rows of a document after it has reserved memory for them; see {@link DocumentStore#load(String, LongPredicate)}. */
    List<StoredUpdate> load(String name, LongPredicate reserve);

    /** Returns documents in the order of their names; see {@link DocumentStore#list}. */
    List<StoredDocument> list(String prefix, String after, int max);

    /** Returns the number of documents without blocking; 0 if the backend does not count them. */
    default long count() {
        return 0;
    }

    /** Sets the action that runs each time other servers may have written; see {@link DocumentStore#whenRowsMayBeMissed}. */
    default void whenRowsMayBeMissed(Runnable action) {}

    /**
     * Applies changes in their order, sets their results, and returns when all of them are durable.
     *
     * @throws RuntimeException if the durability of any of them is not certain; then all of them have failed, though some may survive
     */
    void commit(List<Change> changes);

    /**
     * Does a little maintenance while no change waits.
     *
     * @return the milliseconds until it wants to run again, or {@link #UNTIL_NEXT_COMMIT}
     */
    long maintain();

    /** Releases everything; the last call. */
    void close();
}
