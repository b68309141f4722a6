package dev.tutti.document;

import dev.tutti.hub.Budget.Quota;
import dev.tutti.hub.Budget.Share;
import dev.tutti.hub.Frame;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitException;
import dev.tutti.yjs.Allowance;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.UpdateIds;
import dev.tutti.yjs.YDocument;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Applies updates of members and of callers without a connection to a document, within the limits of the document, of each author's address, and
 * of the number of documents. Confined to the document's run.
 */
final class UpdateIntake {
    /** All callers without a connection, which no member is: together they are charged for the updates that they park. */
    private static final long CALLERS = -1;

    private final LiveDocuments documents;
    private final DocumentMemory memory;
    private final SyncReplies replies;
    private final Persistence persistence;
    private final Delivery delivery;
    private final UnstoredChanges unstored;

    UpdateIntake(
            LiveDocuments documents,
            DocumentMemory memory,
            SyncReplies replies,
            Persistence persistence,
            Delivery delivery,
            UnstoredChanges unstored) {
        this.documents = documents;
        this.memory = memory;
        this.replies = replies;
        this.persistence = persistence;
        this.delivery = delivery;
        this.unstored = unstored;
    }

    /** Returns whether a member's update may be applied; else the member is answered or closed. */
    boolean admit(DocumentMember member, byte[] update, YDocument state) throws MalformedUpdateException {
        if (member.isReadOnly()) {
            unstored.storeIfRepeatedBy(update);
            ignore(member, state.contains(update));
            return false;
        }
        LimitBreach breach = breach(member.client().usage().quota(), update, state);
        if (breach != null) {
            member.client().closeFor(breach);
        }
        return breach == null;
    }

    /** Returns the limit that an update exceeds before it is applied; null for none, and for an update without a new part. */
    private @Nullable LimitBreach breach(Quota quota, byte[] update, YDocument state) throws MalformedUpdateException {
        boolean exceedsReceipts = update.length > quota.roomBytes(Share.RECEIPTS);
        if ((!exceedsReceipts && !persistence.isEmpty()) || state.contains(update)) {
            return null;
        }
        if (exceedsReceipts) {
            return LimitBreach.MEMORY;
        }
        return documents.storeUsage().mayAdd() ? null : LimitBreach.DOCUMENTS;
    }

    private void ignore(DocumentMember member, boolean isKnown) {
        member.wasIgnored |= !isKnown;
        Frame ignored = member.protocol().ignored(isKnown);
        if (ignored != null) {
            delivery.whenStored(member, () -> replies.reply(member, List.of(ignored)));
        }
    }

    /**
     * Applies an admitted update of a member, and hands its new part to the store and to {@code received}. After any other exception than the
     * declared ones the state is unreliable.
     */
    void apply(DocumentMember author, byte[] update, YDocument state, ReceivedUpdates received, long nowMillis)
            throws MalformedUpdateException, LimitExceededException {
        Quota quota = author.client().usage().quota();
        boolean needsIds = ReceivedUpdates.isLarge(update) && author.protocol().updateIsAcknowledgement();
        UpdateIds ids = needsIds ? new UpdateIds() : null;
        Optional<byte[]> change = apply(quota, author.contributor, update, state, ids, nowMillis);
        received.add(author, update, change, ids);
        author.hasWritten |= change.isPresent();
        author.catchUp().beginAuthorship();
    }

    /**
     * Applies an update of a caller without a connection, if no limit forbids it; otherwise as above.
     *
     * @throws LimitException if it exceeds a limit before it is applied; then nothing happens
     */
    void apply(Quota quota, byte[] update, YDocument state, ReceivedUpdates received, long nowMillis)
            throws MalformedUpdateException, LimitExceededException {
        LimitBreach breach = breach(quota, update, state);
        if (breach != null) {
            throw new LimitException(breach);
        }
        apply(quota, CALLERS, update, state, null, nowMillis).ifPresent(received::addWithoutAuthor);
    }

    private Optional<byte[]> apply(
            Quota quota, long contributor, byte[] update, YDocument state, @Nullable UpdateIds ids, long nowMillis)
            throws MalformedUpdateException, LimitExceededException {
        boolean isFirst = persistence.isEmpty();
        Optional<byte[]> change = state.apply(update, allowance(quota, contributor, state, nowMillis), ids);
        unstored.storeIfRepeatedBy(update);
        memory.resize(quota, state.memoryBytes());
        if (change.isPresent()) {
            replies.documentChanged();
            persistence.reserve(quota, change.get().length);
            persistence.add(change.get());
            if (isFirst) {
                documents.storeUsage().addUnstored(1);
                persistence.whenStored(() -> documents.storeUsage().addUnstored(-1));
            }
        }
        return change;
    }

    /** Returns the growth that the document and the author's address may have; deletes get an eighth more, because they make room. */
    private Allowance allowance(Quota quota, long contributor, YDocument state, long nowMillis) {
        int max = documents.limits().maxDocumentBytes();
        long ofDocument = max == 0 ? Long.MAX_VALUE / 2 : max - state.memoryBytes();
        long ofAddress = quota.roomBytes(Share.DOCUMENTS);
        return new Allowance(
                contributor,
                Math.min(ofDocument, ofAddress),
                Math.min(ofDocument + max / 8, ofAddress + documents.budget().limitBytes(Share.DOCUMENTS) / 8),
                nowMillis);
    }
}
