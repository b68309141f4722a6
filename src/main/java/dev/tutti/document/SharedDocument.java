package dev.tutti.document;

import dev.tutti.hub.Budget;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Faults;
import dev.tutti.hub.LimitBreach;
import dev.tutti.log.LogSubject;
import dev.tutti.yjs.LimitExceededException;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A document with its members: applies their updates, stores the changes, and broadcasts them. Confined to the run of its {@link
 * LiveDocument}, which calls {@link #beginRun} first and {@link #endRun} last.
 *
 * <p>If an update fails half-way because of a fault in this server, the state is unreliable: the document closes all members with 1013 and
 * stores the changes that it has accepted; members that reconnect find it loaded again.
 */
final class SharedDocument {
    static final String FAILED = "the document failed";

    private static final String DELETED = "the document was deleted";

    private static final Logger LOG = System.getLogger(SharedDocument.class.getName());

    private final String name;
    private final DocumentMemory memory;
    private final RunPacing pacing;
    private final DocumentContent content;
    private final Set<DocumentMember> members = new LinkedHashSet<>();
    private final DocumentAwareness awareness = new DocumentAwareness();
    private final SyncReplies replies;
    private final Persistence persistence;
    private final Delivery delivery;
    private final MemberRequests requests;
    private final UpdateSubmissions submissions;
    private final DocumentNotifier notifier;
    private final UnstoredChanges unstored;
    private final Copies copies;
    private final DocumentWriters writers;

    /** Time of the run. */
    private long nowNanos;

    /** The updates of the run. */
    private ReceivedUpdates received = new ReceivedUpdates();

    /** The last run has applied updates with new parts. */
    private boolean hasChanged;

    /** Number of members that have opened the document so far. */
    private long contributors;

    /** The state is unreliable. */
    private boolean hasFailed;

    /**
     * Is empty until {@link #load}.
     *
     * @param port to other servers; null for none
     * @param onWriteEnded asks for a run, on any thread
     */
    SharedDocument(
            LiveDocuments documents,
            String name,
            DocumentMemory memory,
            RunPacing pacing,
            @Nullable RelayPort port,
            Runnable onWriteEnded) {
        this.name = name;
        this.memory = memory;
        this.pacing = pacing;
        this.content = new DocumentContent(name, documents.budget());
        this.replies = new SyncReplies(documents.budget(), awareness);
        RelayedContent relayed = new RelayedContent(documents, content, replies, this::fail);
        this.persistence = new Persistence(documents, name, relayed::merge, onWriteEnded);
        this.delivery = new Delivery(name, members, replies, persistence, this::serve, documents.metrics());
        this.unstored = new UnstoredChanges(persistence, documents.budget());
        UpdateIntake intake = new UpdateIntake(documents, memory, replies, persistence, delivery, unstored);
        this.requests = new MemberRequests(
                content, awareness, replies, persistence, delivery, intake, this::refuseCopy, this::fail);
        this.submissions = new UpdateSubmissions(intake, persistence);
        this.notifier = new DocumentNotifier(documents.events(), name, documents.time());
        this.copies = Copies.of(port, name, relayed, persistence, awareness, unstored);
        this.writers = new DocumentWriters(documents, name);
    }

    /**
     * Takes the stored content, in the first run.
     *
     * @return false if there is not enough memory for the document; it is empty then
     * @throws MalformedUpdateException if a row is damaged
     */
    boolean load(StoredContent stored, long runNanos) throws MalformedUpdateException {
        nowNanos = runNanos;
        if (!content.load(stored, memory, nowMillis())) {
            return false;
        }
        persistence.setLoaded(stored.rows());
        return true;
    }

    void beginRun(long runNanos) {
        nowNanos = runNanos;
        replies.beginRun(members, content.state());
        persistence.check(nowNanos);
    }

    void add(DocumentMember member) {
        if (hasFailed) {
            member.refuse(FAILED);
            return;
        }
        if (member.hasCopyOfOther(content.incarnation().id())) {
            member.refuseCopy();
            return;
        }
        member.contributor = ++contributors;
        members.add(member);
        notifier.opened();
        if (member.hasPresence()) {
            awareness.open(member, nowNanos);
        }
        serve(member);
    }

    /** Refuses a member that has a copy of a deleted document. Its reference ends when it leaves. */
    private void refuseCopy(DocumentMember member) {
        remove(member);
        member.refuseCopy();
    }

    void remove(DocumentMember member) {
        replies.remove(member);
        writers.left(member);
        if (members.remove(member)) {
            awareness.leave(member, nowNanos);
        }
    }

    /** The outbox of a member's client accepts broadcasts again after drops: the member must catch up. */
    void resume(DocumentMember member) {
        member.catchUp().outboxResumed();
        serve(member);
    }

    /** Handles a member's request. */
    void receive(DocumentMember member, DocumentRequest request) {
        if (!hasFailed && members.contains(member)) { // else it has left
            requests.handle(member, request, received, nowNanos);
        }
    }

    /** Applies an update of a caller without a connection. */
    void apply(UpdateSubmission submission) {
        try {
            submissions.apply(submission, content.state(), received, nowMillis());
            writers.submitted(submission.user());
        } catch (RuntimeException | Error e) {
            fail(e);
            throw e;
        }
    }

    /** Handles a message of another server. */
    void receive(RelayMessage message) {
        if (hasFailed) {
            return;
        }
        try {
            if (message instanceof RelayMessage.Deleted) {
                end(DELETED);
            } else {
                copies.receive(message, nowNanos);
            }
        } catch (LimitExceededException e) {
            String reason = LimitBreach.MEMORY.reason();
            LogSubject.document(name).log(LOG, Level.WARNING, "the document is closed: " + reason, null);
            end(reason);
        } catch (RuntimeException | Error e) {
            fail(e);
            throw e;
        }
    }

    /** Returns the copies on other servers. */
    Copies copies() {
        return copies;
    }

    private void serve(DocumentMember member) {
        if (members.contains(member)) {
            replies.serve(member, content.state(), nowNanos);
        }
    }

    /** Handles a tick of the clock: drops old parked updates, renews awareness, retries replies. */
    void tick() {
        content.dropParked(nowMillis());
        awareness.tick(nowNanos);
        replies.tick(content.state(), nowNanos);
        if (!hasFailed) {
            copies.tick(nowNanos);
        }
    }

    private long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(nowNanos);
    }

    /** Reads the rows again, because other servers may have written some. */
    void readAgain() {
        persistence.readAgain();
    }

    /** Returns how far the document is stored. */
    Documents.Stored status() {
        return unstored.status(content.state(), content.incarnation().id());
    }

    /** Completes {@code draft} with the state of the document, as a version of it. */
    void draft(Budget.Quota quota, CompletableFuture<VersionDraft> draft) {
        if (hasFailed) {
            draft.completeExceptionally(new StoreException(FAILED));
        } else {
            writers.draft(content, members, quota, draft);
        }
    }

    /** Stores the changes of the run, broadcasts them, and acknowledges updates. */
    void endRun() {
        try {
            storeAndDeliver();
        } catch (RuntimeException | Error e) {
            fail(e); // a member may have missed something
        }
        received = new ReceivedUpdates();
        pacing.setMembers(members.size());
    }

    private void storeAndDeliver() {
        byte[] added = persistence.mergeAdded();
        hasChanged = added != null;
        writers.endRun(hasChanged);
        received.setMerged(added);
        persistence.write(content.state(), nowNanos);
        content.moveForeignTo(received);
        copies.endRun(added, nowNanos);
        Set<Long> changedIds = awareness.takeChanged();
        byte[] changedAwareness = changedIds.isEmpty() ? null : awareness.encode(changedIds);
        byte[] changes = received.changes();
        if (added != null) {
            notifier.changed(nowNanos); // other servers post the events of their changes
        }
        if (changedAwareness != null || changes != null) {
            long bytes = (long) length(changedAwareness) + length(changes);
            pacing.pauseAfterBroadcast(members.size(), bytes, nowNanos);
        }
        boolean isStored = persistence.isComplete();
        delivery.broadcast(received, changedAwareness, isStored);
        delivery.acknowledge(received, isStored);
        submissions.endRun();
        notifier.endRun(!members.isEmpty(), persistence, nowNanos);
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    /** Closes all members, which reconnect and find the document loaded again. */
    private void fail(Throwable failure) {
        Faults.report(LOG, LogSubject.document(name), "the document failed and is loaded again", failure);
        end(FAILED);
    }

    private void end(String reason) {
        hasFailed = true;
        persistence.appendOnly();
        submissions.close();
        for (DocumentMember member : members) {
            member.client().close(CloseCode.TRY_LATER, reason);
        }
    }

    /** Returns whether the last run has applied updates with new parts. */
    boolean hasChanged() {
        return hasChanged;
    }

    /** Returns whether {@link #tick}, or a run for a pending write, has work to do. */
    boolean isDue() {
        return awareness.isDue()
                || persistence.isDue()
                || replies.isDue()
                || content.state().hasParked()
                || copies.isDue()
                || notifier.isDue();
    }

    DocumentContent content() {
        return content;
    }

    /** Returns whether all is stored, also the changes that other servers may not have stored, and folds the stored rows first if their tail is long. Called in a run without members. */
    boolean mayUnload() {
        if (!unstored.isEmpty()) {
            unstored.store();
            persistence.write(content.state(), nowNanos);
        }
        if (!persistence.isComplete()) {
            return false;
        }
        boolean mustFold = content.dropParkedAtUnload(nowMillis());
        return !persistence.foldAtUnload(content.state(), mustFold, nowNanos);
    }
}
