package dev.tutti.document;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Where documents are kept. What is kept of one is a set of updates: their order does not matter, nor whether one comes twice, so a
 * write that may or may not have happened is simply made again.
 *
 * <p>Safe for any thread. Of one document there is one call at a time, and the next comes when it is done; calls for many documents come
 * at once, and whoever implements this writes them together. Nothing here waits: what takes time ends in the stage that is returned, on
 * any thread. A stage that fails does so with a {@link StoreException}, and then nothing is promised of that call alone.
 */
public interface DocumentStore extends AutoCloseable {
    /** Returns the updates that are kept of a document, none if there is no such document. Of damaged ones, those that are sound. */
    CompletionStage<List<byte[]>> load(String name);

    /**
     * Keeps an update of a document, which begins with its first update.
     *
     * @return done once the update would survive whatever this store survives
     */
    CompletionStage<Void> append(String name, byte[] update);

    /**
     * Keeps one update in the place of all that is kept of a document: either it or they survive, whatever happens.
     *
     * @param state in which all are that were loaded or appended
     * @return as above
     */
    CompletionStage<Void> replace(String name, byte[] state);

    /**
     * Forgets a document.
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

    /** Returns how many bytes of documents this itself keeps in memory because they are nowhere else. */
    default long memoryBytes() {
        return 0;
    }

    /** Waits for what is being written, and lets go of everything. Calls that come later fail. */
    @Override
    void close();
}
