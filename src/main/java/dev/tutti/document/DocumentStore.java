package dev.tutti.document;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.LongPredicate;

/**
 * Keeps documents. A document is a set of rows, each with an update: their order does not matter, nor whether an update comes twice, so a
 * write that may or may not have happened is simply made again.
 *
 * <p>Several servers may share a store. Rows have ids so that a server removes only rows whose updates it has.
 *
 * <p>Safe for any thread. A server makes one call at a time for each document; calls for many documents come at once, and the implementation
 * writes them together. Nothing here blocks: the returned stage completes on any thread, or fails with a {@link StoreException}, and then
 * nothing is promised of that call alone.
 */
public interface DocumentStore extends AutoCloseable {
    /** Returns the rows of a document, none if there is no such document. Of damaged ones, those that are sound. */
    CompletionStage<List<StoredUpdate>> load(String name);

    /**
     * As above, for a caller that has to reserve memory.
     *
     * @param reserve hears on any thread, before the rows are read, how many bytes they have in all; again if the store has to begin anew.
     *     Returns false if there is no memory for them; then the stage fails with a {@link LoadRefusedException}
     */
    default CompletionStage<List<StoredUpdate>> load(String name, LongPredicate reserve) {
        return load(name).thenApply(rows -> {
            requireMemory(rows.stream().mapToLong(row -> row.update().length).sum(), reserve);
            return rows;
        });
    }

    /** Reserves the memory of a load, or throws. */
    static void requireMemory(long bytes, LongPredicate reserve) {
        if (!reserve.test(bytes)) {
            throw new LoadRefusedException(bytes);
        }
    }

    /**
     * Adds a row to a document, which begins with its first row.
     *
     * @return the row's id, once the row would survive whatever this store survives
     */
    CompletionStage<Long> append(String name, byte[] update);

    /**
     * Writes a state and removes the rows that it covers: either it or they survive, whatever happens. Other rows stay, and the caller gets
     * them.
     *
     * <p>If none of the covered rows is there any more, the document was deleted, or another state has replaced them: then the store writes
     * nothing, so that a late state does not undo a deletion.
     *
     * @param covered the ids of rows whose updates are all in the state; if empty, the state is one more row
     * @return as above
     */
    CompletionStage<Replacement> replace(String name, byte[] state, Set<Long> covered);

    /**
     * Removes all rows of a document, also those that the caller does not know.
     *
     * @return done once it would not come back; false if there was none
     */
    CompletionStage<Boolean> delete(String name);

    /**
     * Returns what documents are kept, in the order of their names, as {@link String#compareTo} has it.
     *
     * @param prefix with which their names begin; empty for all
     * @param after the name that comes before the first; empty to begin with the first
     * @param max how many at most
     */
    CompletionStage<List<StoredDocument>> list(String prefix, String after, int max);

    /**
     * Has an action run, on any thread, each time other servers may have written rows of documents that are live here. It must not block.
     */
    default void whenRowsMayBeMissed(Runnable action) {}

    /** Returns how many documents there are, without waiting; 0 if the store does not count them. */
    default long count() {
        return 0;
    }

    /** Returns how many bytes of documents this itself keeps in memory because they are nowhere else. */
    default long memoryBytes() {
        return 0;
    }

    /** Waits for what is being written, and lets go of everything. Calls that come later fail. */
    @Override
    void close();
}
