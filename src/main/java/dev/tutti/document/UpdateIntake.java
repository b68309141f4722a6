package dev.tutti.document;

import dev.tutti.hub.Budget.Quota;
import dev.tutti.hub.Budget.Share;
import dev.tutti.hub.Frame;
import dev.tutti.hub.LimitBreach;
import dev.tutti.yjs.Allowance;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.UpdateIds;
import dev.tutti.yjs.YDocument;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.List;
import java.util.Optional;

/**
 * Applies members' updates to a document, within the limits of the document, of each member's address, and of the number of documents. Confined
 * to the document's run.
 */
final class UpdateIntake {
    private final LiveDocuments documents;
    private final DocumentMemory memory;
    private final SyncReplies replies;
    private final Persistence persistence;
    private final Delivery delivery;

    /** The decision about an update before it is applied. */
    enum Admission {
        /** The update is not applied; its member is answered or closed. */
        REFUSED,
        ADMITTED,
        /** The update would be the first that the store gets of the document. */
        ADMITTED_AS_FIRST
    }

    UpdateIntake(
            LiveDocuments documents,
            DocumentMemory memory,
            SyncReplies replies,
            Persistence persistence,
            Delivery delivery) {
        this.documents = documents;
        this.memory = memory;
        this.replies = replies;
        this.persistence = persistence;
        this.delivery = delivery;
    }

    /** Decides whether an update may be applied. An update without a new part always may. */
    Admission admit(DocumentMember member, byte[] update, YDocument state) throws MalformedUpdateException {
        if (member.isReadOnly()) {
            ignore(member, state.contains(update));
            return Admission.REFUSED;
        }
        boolean exceedsReceipts =
                update.length > member.client().usage().quota().roomBytes(Share.RECEIPTS);
        boolean isFirst = persistence.isEmpty();
        if ((!exceedsReceipts && !isFirst) || state.contains(update)) {
            return Admission.ADMITTED;
        }
        if (exceedsReceipts) {
            member.client().closeFor(LimitBreach.MEMORY);
            return Admission.REFUSED;
        }
        if (!documents.storeUsage().mayAdd()) {
            member.client().closeFor(LimitBreach.DOCUMENTS);
            return Admission.REFUSED;
        }
        return Admission.ADMITTED_AS_FIRST;
    }

    private void ignore(DocumentMember member, boolean isKnown) {
        member.wasIgnored |= !isKnown;
        Frame ignored = member.protocol().ignored(isKnown);
        if (ignored != null) {
            delivery.whenStored(member, () -> replies.reply(member, List.of(ignored)));
        }
    }

    /**
     * Applies an admitted update, and hands its new part to the store and to {@code received}. After any other exception than the declared
     * ones the state is unreliable.
     */
    void apply(
            DocumentMember author,
            byte[] update,
            Admission admission,
            YDocument state,
            ReceivedUpdates received,
            long nowMillis)
            throws MalformedUpdateException, LimitExceededException {
        Quota quota = author.client().usage().quota();
        boolean needsIds = ReceivedUpdates.isLarge(update) && author.protocol().updateIsAcknowledgement();
        UpdateIds ids = needsIds ? new UpdateIds() : null;
        Optional<byte[]> change = state.apply(update, allowance(author, state, nowMillis), ids);
        memory.resize(quota, state.memoryBytes());
        if (change.isPresent()) {
            replies.documentChanged();
            persistence.reserve(quota, change.get().length);
            persistence.add(change.get());
            if (admission == Admission.ADMITTED_AS_FIRST) {
                documents.storeUsage().addUnstored(1);
                persistence.whenStored(() -> documents.storeUsage().addUnstored(-1));
            }
        }
        received.add(author, update, change, ids);
        author.catchUp().beginAuthorship();
    }

    /** Returns the growth that the document and the author's address may have; deletes get an eighth more, because they make room. */
    private Allowance allowance(DocumentMember author, YDocument state, long nowMillis) {
        int max = documents.limits().maxDocumentBytes();
        long ofDocument = max == 0 ? Long.MAX_VALUE / 2 : max - state.memoryBytes();
        long ofAddress = author.client().usage().quota().roomBytes(Share.DOCUMENTS);
        return new Allowance(
                author.contributor,
                Math.min(ofDocument, ofAddress),
                Math.min(ofDocument + max / 8, ofAddress + documents.budget().limitBytes(Share.DOCUMENTS) / 8),
                nowMillis);
    }
}
