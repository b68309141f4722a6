package dev.tutti.document;

import dev.tutti.hub.Frame;
import dev.tutti.hub.LimitBreach;
import dev.tutti.yjs.DocumentTrace;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Handles the requests of a document's members. Confined to the document's run. */
final class MemberRequests {
    private final DocumentContent content;
    private final DocumentAwareness awareness;
    private final SyncReplies replies;
    private final Persistence persistence;
    private final Delivery delivery;
    private final UpdateIntake intake;
    private final Consumer<DocumentMember> refuseCopy;
    private final Consumer<Throwable> fail;

    /**
     * Has no request yet.
     *
     * @param refuseCopy is called for a member that has a copy of a deleted document
     * @param fail is called if the state is unreliable, because an update was applied half-way
     */
    MemberRequests(
            DocumentContent content,
            DocumentAwareness awareness,
            SyncReplies replies,
            Persistence persistence,
            Delivery delivery,
            UpdateIntake intake,
            Consumer<DocumentMember> refuseCopy,
            Consumer<Throwable> fail) {
        this.content = content;
        this.awareness = awareness;
        this.replies = replies;
        this.persistence = persistence;
        this.delivery = delivery;
        this.intake = intake;
        this.refuseCopy = refuseCopy;
        this.fail = fail;
    }

    /** Handles a request. A malformed one, or one that exceeds a limit, closes the member's client. */
    void handle(DocumentMember member, DocumentRequest request, ReceivedUpdates received, long nowNanos) {
        try {
            if (isOfDeleted(request)) {
                refuseCopy.accept(member);
            } else if (request instanceof DocumentRequest.Update update) {
                apply(member, update.update(), received, nowNanos);
            } else if (request.isAboutAwareness() && !member.hasPresence()) {
                // Stock clients reconnect if they receive nothing for 30 seconds, and send their awareness more often.
                member.client().send(member.protocol().awareness(awareness.encode(List.of())));
            } else if (request instanceof DocumentRequest.AwarenessUpdate update) {
                List<Long> outdated = awareness.receive(member, update.update(), nowNanos);
                if (!outdated.isEmpty()) {
                    member.client().send(member.protocol().awareness(awareness.encode(outdated)));
                }
            } else if (request instanceof DocumentRequest.Sync sync) {
                member.requestedStateVector = sync.stateVector();
                replies.serve(member, content.state(), nowNanos);
            } else if (request instanceof DocumentRequest.AwarenessQuery) {
                awareness.introduce(member);
                member.client().send(member.protocol().awareness(awareness.encode()));
            } else if (request instanceof DocumentRequest.Confirm confirm && !member.wasIgnored) {
                Frame confirmation = member.protocol().confirmation(confirm.mark());
                persistence.reserve(member.client().usage().quota(), SyncReplies.REPLY_BYTES);
                delivery.whenStored(member, () -> replies.reply(member, List.of(confirmation)));
            }
        } catch (MalformedUpdateException e) {
            member.client().close(member.protocol().malformed(), String.valueOf(e.getMessage()));
        } catch (LimitExceededException e) {
            member.client().closeFor(LimitBreach.DOCUMENT_BYTES);
        }
    }

    /** Returns whether a request shows that its sender has a copy of a deleted document. The first request of a stock editor does. */
    private boolean isOfDeleted(DocumentRequest request) throws MalformedUpdateException {
        DocumentTrace deleted = content.incarnation().deleted();
        if (deleted.isEmpty()) {
            return false;
        }
        if (request instanceof DocumentRequest.Sync sync) {
            return deleted.isCopied(sync.stateVector(), content.state());
        }
        return request instanceof DocumentRequest.Update update
                && deleted.isCopiedByUpdate(update.update(), content.state());
    }

    private void apply(DocumentMember author, byte[] update, ReceivedUpdates received, long nowNanos)
            throws MalformedUpdateException, LimitExceededException {
        if (!intake.admit(author, update, content.state())) {
            return;
        }
        try {
            intake.apply(author, update, content.state(), received, TimeUnit.NANOSECONDS.toMillis(nowNanos));
        } catch (RuntimeException | Error e) {
            fail.accept(e);
            throw e;
        }
    }
}
