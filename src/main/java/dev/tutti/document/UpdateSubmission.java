package dev.tutti.document;

import dev.tutti.hub.Budget;
import java.util.concurrent.CompletableFuture;

/**
 * An update of a caller without a connection.
 *
 * @param quota of the caller's address, charged like that of a member
 * @param stored completes when the update is stored, and fails if it is refused, or the store fails
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
record UpdateSubmission(byte[] update, Budget.Quota quota, CompletableFuture<Void> stored) {
    void fail(Throwable failure) {
        stored.completeExceptionally(failure);
    }
}
