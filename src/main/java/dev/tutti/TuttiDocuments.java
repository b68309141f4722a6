package dev.tutti;

import dev.tutti.document.Documents;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * The Yjs documents, for other code of the same WAR, which may do everything. Safe for any thread; no method blocks. The stages complete on threads of
 * listeners, so that dependent code may block.
 *
 * <pre>{@code
 * Tutti.current().documents().apply("minutes", update).thenRun(() -> log("stored"));
 * }</pre>
 *
 * <p>A document is named as a room is. A method throws an {@link IllegalArgumentException} if no document can have a name; a stage fails with a
 * {@link dev.tutti.document.StoreException} if the store does.
 */
public interface TuttiDocuments {
    /** The most documents that {@link #list} returns. */
    int MAX_LISTED = 1000;

    /**
     * Lists stored documents in the order of their names.
     *
     * @param prefix of their names; empty for all
     * @param after the name before the first result; empty to begin with the first document
     * @param max number of results, from 1 to {@link #MAX_LISTED}
     */
    CompletionStage<List<Documents.Listed>> list(String prefix, String after, int max);

    /** Returns the content of a document as an update, stored or not; of a document that does not exist the empty one. */
    CompletionStage<byte[]> content(String document);

    /**
     * Returns the part of a document that its reader lacks, as an update.
     *
     * @param stateVector of the reader, as Yjs encodes it
     * @return fails with an {@link IllegalArgumentException} if the state vector is malformed
     */
    CompletionStage<byte[]> content(String document, byte[] stateVector);

    /** Returns how far a document is stored. */
    CompletionStage<Documents.Stored> stored(String document);

    /**
     * Applies an update to a document, which need not exist; the clients that have it open receive the update at once.
     *
     * @param update as Yjs encodes it
     * @return completes when the update is stored; fails with an {@link IllegalArgumentException} if it is malformed, with a {@link
     *     dev.tutti.hub.LimitException} if the document would become too large, and as soon as the store fails. After the last one the update may be
     *     stored later; applied again, it changes nothing
     */
    CompletionStage<Void> apply(String document, byte[] update);

    /**
     * Deletes a document that no client has open, on any server of a cluster.
     *
     * @return fails with a {@link dev.tutti.security.UnavailableException} if the other servers cannot be asked
     */
    CompletionStage<Documents.Deletion> delete(String document);
}
