package dev.tutti.document;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongPredicate;

/**
 * Stores documents. A document is a set of rows, each with an update. Neither their order nor repeated updates matter, so a caller simply
 * repeats a write with an unknown result.
 *
 * <p>Several servers may share a store. Rows have ids so that a server removes only rows whose updates it has.
 *
 * <p>Safe for any thread. A server has one call in flight for each document, but calls for many documents at once, which the implementation
 * commits together. No method but {@link #close} blocks: the returned stage completes on any thread, or fails with a {@link StoreException};
 * then that call alone may or may not have had its effect.
 */
public interface DocumentStore extends AutoCloseable {
    /** Returns the rows of a document, none if there is no such document; of a damaged document, the sound rows. */
    CompletionStage<List<StoredUpdate>> load(String name);

    /**
     * As above, for a caller that must reserve memory.
     *
     * @param reserve is called on any thread with the bytes of all rows before the store reads them, and again if the store begins again.
     *     Returns false if there is not enough memory; then the stage fails with a {@link LoadRefusedException}
     */
    default CompletionStage<List<StoredUpdate>> load(String name, LongPredicate reserve) {
        return load(name).thenApply(rows -> {
            requireMemory(rows.stream().mapToLong(row -> row.update().length).sum(), reserve);
            return rows;
        });
    }

    /** Reserves the memory of a load, or throws a {@link LoadRefusedException}. */
    static void requireMemory(long bytes, LongPredicate reserve) {
        if (!reserve.test(bytes)) {
            throw new LoadRefusedException(bytes);
        }
    }

    /**
     * Adds a row to a document; the first row creates the document.
     *
     * @return the id of the row, once the row is as durable as this store makes it
     */
    CompletionStage<Long> append(String name, byte[] update);

    /**
     * Writes a state and removes the rows that it covers, atomically: after a crash either it or they exist. Other rows stay, and the caller
     * gets them.
     *
     * <p>If no covered row exists any more, the document was deleted, or another state has replaced them: then the store writes nothing, so
     * that a late state does not undo a deletion.
     *
     * @param covered ids of rows whose updates are all in the state; if empty, the state is one more row
     * @return the result, once the state is as durable as this store makes it
     */
    CompletionStage<Replacement> replace(String name, byte[] state, Set<Long> covered);

    /**
     * Removes all rows of a document, including unknown ones.
     *
     * @return whether there was such a document, once its removal is as durable as this store makes it
     */
    CompletionStage<Boolean> delete(String name);

    /**
     * Gives a document another name, with all its rows, also those of other servers, and writes the note of the move, atomically.
     *
     * @return the result, once it is as durable as this store makes it
     */
    CompletionStage<DocumentMove.Result> move(DocumentMove move);

    /**
     * Lists documents in the order of their names, as {@link String#compareTo} defines it.
     *
     * @param prefix of their names; empty for all
     * @param after the name before the first result; empty to begin with the first document
     * @param max number of results
     */
    CompletionStage<List<StoredDocument>> list(String prefix, String after, int max);

    /** Lists all documents with a prefix, page by page; for prefixes whose documents are few, because all are in memory at once. */
    default CompletionStage<List<StoredDocument>> listAll(String prefix) {
        return append(prefix, "", new ArrayList<>());
    }

    /**
     * Sets an action that runs, on any thread, each time other servers may have written rows of documents that are live here. It must not block.
     */
    default void whenRowsMayBeMissed(Runnable action) {}

    /**
     * Writes a byte as durably as this store makes it, and removes it: shows whether documents can be stored now. A store in memory does nothing.
     */
    default CompletionStage<?> probe() {
        return CompletableFuture.completedFuture(null);
    }

    /** Returns the number of documents, without blocking; 0 if the store does not count them. */
    default long count() {
        return 0;
    }

    /** Returns whether this store has found, since it was opened, that rows were lost by damage. */
    default boolean hasLosses() {
        return false;
    }

    /** Returns the kind of this store in metrics. */
    default String kind() {
        return "other";
    }

    /** Sets the receiver of counts; called once, before anything is written. */
    default void setMetrics(DocumentMetrics metrics) {}

    /** Returns the bytes of accepted changes that are not committed, without blocking. */
    default long lagBytes() {
        return 0;
    }

    /** Returns the bytes of documents that exist only in this store's memory. */
    default long memoryBytes() {
        return 0;
    }

    /** Waits for writes in flight, and releases all resources. Later calls fail. */
    @Override
    void close();

    private CompletionStage<List<StoredDocument>> append(String prefix, String after, List<StoredDocument> found) {
        int max = 1_000;
        return list(prefix, after, max).thenCompose(page -> {
            found.addAll(page);
            return page.size() < max
                    ? CompletableFuture.completedFuture(found)
                    : append(prefix, page.get(max - 1).name(), found);
        });
    }
}
