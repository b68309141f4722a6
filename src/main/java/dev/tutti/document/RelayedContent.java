package dev.tutti.document;

import dev.tutti.hub.Budget.Share;
import dev.tutti.yjs.Allowance;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.YDocument;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The state of a document as other servers see it: applies their rows and changes, and compares. Confined to the document's run. */
final class RelayedContent {
    /** Of SHA-256. */
    private static final int DIGEST_BYTES = 16;

    /**
     * A document may grow by 1 / this above its limit, by changes that other servers have accepted: each of them checks the limit for itself, and two
     * may do so at once.
     */
    private static final int EXCESS_DIVISOR = 4;

    private final LiveDocuments documents;
    private final DocumentContent content;
    private final SyncReplies replies;
    private final Consumer<Throwable> fail;

    /** @param fail is called if the state is unreliable, because a row was applied half-way */
    RelayedContent(LiveDocuments documents, DocumentContent content, SyncReplies replies, Consumer<Throwable> fail) {
        this.documents = documents;
        this.content = content;
        this.replies = replies;
        this.fail = fail;
    }

    /** Applies a row of another server; false if the document cannot apply it, so that no state may replace the row. */
    boolean merge(byte[] row) {
        try {
            if (!content.mergeForeign(row)) {
                return false;
            }
            replies.documentChanged();
            return true;
        } catch (RuntimeException | Error e) {
            fail.accept(e);
            return false;
        }
    }

    /**
     * Applies a change of another copy. After an unchecked exception the state is unreliable.
     *
     * @return its new part; null for none
     * @throws LimitExceededException if there is no memory for it, or too much waits for missing changes
     */
    byte @Nullable [] apply(byte[] update, Peer peer, long nowNanos)
            throws MalformedUpdateException, LimitExceededException {
        byte[] change = content.applyRemote(update, allowance(peer, nowNanos)).orElse(null);
        if (change != null) {
            replies.documentChanged();
        }
        return change;
    }

    private Allowance allowance(Peer peer, long nowNanos) {
        long max = documents.limits().maxDocumentBytes();
        long ofDocument = max == 0
                ? Long.MAX_VALUE / 2
                : max + max / EXCESS_DIVISOR - content.state().memoryBytes();
        long room = Math.min(ofDocument, documents.budget().quota("").roomBytes(Share.DOCUMENTS));
        return new Allowance(peer.contributor, room, room, TimeUnit.NANOSECONDS.toMillis(nowNanos));
    }

    byte[] stateVector() {
        return content.state().stateVector();
    }

    /** Returns a digest of all structs and deletes. Its time depends on the size of the document. */
    byte[] digest() {
        YDocument state = content.state();
        byte[] stateVector = state.stateVector();
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(stateVector);
            return Arrays.copyOf(digest.digest(state.diff(stateVector)), DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        } catch (MalformedUpdateException e) {
            throw new AssertionError("a state vector of this document", e);
        }
    }

    /** Returns the update that another copy lacks, empty if its digest is equal; null if there is no memory for it now. */
    byte @Nullable [] difference(byte[] stateVector, byte[] digest) throws MalformedUpdateException {
        YDocument state = content.state();
        long bytes = Math.min(state.memoryBytes(), documents.budget().limitBytes(Share.OUTPUT));
        if (!documents.budget().tryReserve(Share.OUTPUT, bytes)) {
            return null;
        }
        try {
            return Arrays.equals(digest, digest()) ? new byte[0] : state.diff(stateVector);
        } finally {
            documents.budget().release(Share.OUTPUT, bytes);
        }
    }
}
