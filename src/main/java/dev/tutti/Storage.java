package dev.tutti;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoreException;
import dev.tutti.history.DurableHistory;
import dev.tutti.hub.RoomLogs;
import dev.tutti.store.Backups;
import dev.tutti.store.DocumentStores;
import dev.tutti.store.StoreOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The stores of an application: of documents, and of the histories of rooms if they are stored; and their backups. Safe for any thread.
 *
 * @param documents whose owner closes it
 * @param history null if histories are in memory
 * @param backups null for none
 * @param isShared whether all servers of a cluster use these documents
 */
record Storage(
        DocumentStore documents,
        @Nullable DurableHistory history,
        @Nullable Backups backups,
        boolean isShared) {
    /**
     * Opens the stores. Blocks.
     *
     * @param isShared whether the servers of a cluster use the database of documents, if it is one
     * @throws StoreException if documents, or the histories of rooms, cannot be stored there; the message says why
     */
    static Storage open(StoreOptions options, boolean isShared) {
        DocumentStore documents = isShared ? DocumentStores.openShared(options) : DocumentStores.open(options);
        DocumentStore rooms = openHistories(options, documents);
        DurableHistory history = rooms == null
                ? null
                : new DurableHistory(rooms, options.maxStoredHistoryBytes(), options.historyDays());
        return new Storage(
                documents, history, Backups.startIfAsked(documents, rooms, options), isShared && options.isDatabase());
    }

    private static @Nullable DocumentStore openHistories(StoreOptions options, DocumentStore documents) {
        try {
            return DocumentStores.openHistories(options);
        } catch (RuntimeException e) {
            documents.close();
            throw e;
        }
    }

    /** Returns the logs of rooms that are in no cluster: stored, or in memory. */
    RoomLogs logs() {
        return history == null ? RoomLogs.IN_MEMORY : history;
    }

    /** Stores a byte in each store; the stage fails if one refuses. */
    CompletionStage<?> probe() {
        CompletionStage<?> probed = documents.probe();
        return history == null
                ? probed
                : CompletableFuture.allOf(
                        probed.toCompletableFuture(), history.probe().toCompletableFuture());
    }

    /** Handles a tick of the clock. */
    void tick() {
        if (history != null) {
            history.tick();
        }
    }

    /** Ends the backups. */
    void closeBackups() {
        if (backups != null) {
            backups.close();
        }
    }

    /** Stores the histories, in so many milliseconds at most, and closes their store. */
    void closeHistory(int millis) throws InterruptedException {
        if (history != null) {
            history.close(millis);
        }
    }
}
