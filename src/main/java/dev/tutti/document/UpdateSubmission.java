package dev.tutti.document;

import dev.tutti.hub.Budget;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An update of a caller without a connection.
 *
 * @param user the author; null for the application
 * @param quota of the caller's address, charged like that of a member
 * @param stored completes when the update is stored, and fails if it is refused, or the store fails
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
record UpdateSubmission(byte[] update, @Nullable String user, Budget.Quota quota, CompletableFuture<Void> stored) {
    void fail(Throwable failure) {
        stored.completeExceptionally(failure);
    }
}
