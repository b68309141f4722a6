package dev.tutti.document;

import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.hub.UserUsage;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Rights;
import dev.tutti.security.UnavailableException;
import dev.tutti.yjs.UpdateIds;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A client that has a document open. Safe for any thread. */
public final class DocumentMember {
    /** In place of an incarnation: the client has no copy, or does not know its incarnation. */
    public static final long NO_COPY = -1;

    private final LiveDocument document;
    private final Client client;
    /** Null for a guest. */
    private final @Nullable UserUsage usage;

    private final AtomicBoolean counts = new AtomicBoolean(true);
    private final DocumentProtocol protocol;
    /** The client asks for a document that ignores its updates. */
    private final boolean asksReadOnly;

    /** The incarnation of the client's copy, or {@link #NO_COPY}. */
    private final long copied;

    private final boolean hasPresence;
    /** {@link Client#rightsRevision} before this member got its rights. */
    private final long rightsRevision;

    // Written under this.
    private volatile Access access;
    private Rights rights;
    /** The document ignores the client's updates. */
    private volatile boolean isReadOnly;

    private volatile boolean closedCleanly;
    private volatile boolean isRefused;
    private final CatchUp catchUp = new CatchUp();

    // Confined to the document's run.
    private final MemberAwareness awareness = new MemberAwareness();

    /** Identifies this member to the state, which counts parked structs for each contributor; from 1. */
    long contributor;

    /** The member has not received its greeting. */
    boolean isNew = true;

    /** The state vector of the latest sync request without a reply; null if there is none. */
    byte @Nullable [] requestedStateVector;

    /** Short replies that wait until the client has read. */
    final List<Frame> replies = new ArrayList<>(0);

    /** Large updates of this member that are stored and not acknowledged. */
    final List<UpdateIds> storedLarge = new ArrayList<>(0);

    /** Time at which a reply began to wait for memory; 0 if none waits. */
    long memoryWaitNanos;

    /** The document has changes of this member that no version has. */
    boolean hasWritten;

    /** An update of this read-only member was ignored, so not all its updates will be stored. */
    boolean wasIgnored;

    /** Counts as a document of the client's user, as the caller has counted it, until the membership ends. */
    DocumentMember(
            LiveDocument document,
            Client client,
            DocumentProtocol protocol,
            boolean asksReadOnly,
            long copied,
            Access access,
            Rights rights,
            long rightsRevision) {
        this.document = document;
        this.client = client;
        this.usage = client.usage().ofUser();
        this.protocol = protocol;
        this.asksReadOnly = asksReadOnly;
        this.copied = copied;
        this.access = access;
        this.rights = rights;
        this.rightsRevision = rightsRevision;
        this.isReadOnly = asksReadOnly || !rights.include(Action.WRITE);
        this.hasPresence = rights.include(Action.PRESENCE);
    }

    /**
     * Gives this member another access, and the client its scope.
     *
     * @return whether the member may keep the document open; if not, the caller ends it
     */
    Rights.Change reauthorize(Access next) {
        Rights.Change change = replaceAccess(next);
        if (change == Rights.Change.STAYS) {
            grant();
        }
        return change;
    }

    /** Takes the rights of this member anew, and gives the client its scope if that has changed; otherwise as above. */
    Rights.Change reauthorize() {
        Rights.Change change;
        boolean isOtherScope;
        synchronized (this) { // of several calls at the same time, one sees the change
            boolean wasReadOnly = isReadOnly;
            change = replaceAccess(null);
            isOtherScope = isReadOnly != wasReadOnly;
        }
        if (change == Rights.Change.STAYS && isOtherScope) {
            grant();
        }
        return change;
    }

    /** Begins to find out the rights that {@link #reauthorize()} asks for; returns null if they are known. */
    @Nullable
    CompletionStage<?> prepareRights() {
        return access.prepareDocument(document.name());
    }

    /**
     * Asks for the rights under the lock, so that of several calls at the same time the last one has the last word.
     *
     * @param next null for the present access
     */
    private synchronized Rights.Change replaceAccess(@Nullable Access next) {
        Access present = next == null ? access : next;
        Rights replaced;
        try {
            replaced = present.onDocument(document.name());
        } catch (UnavailableException e) {
            isReadOnly = true;
            return Rights.Change.MUST_REENTER;
        }
        Rights.Change change = rights.changeTo(replaced);
        access = present;
        rights = replaced;
        // A member that must leave has updates in the mailbox ahead of its leave: they are ignored.
        isReadOnly = asksReadOnly || change != Rights.Change.STAYS || !replaced.include(Action.WRITE);
        return change;
    }

    /**
     * Passes a request of the client to the document. A request that exceeds a limit closes the client. One call at a time.
     *
     * @param bytes of the request on the wire
     */
    public void receive(DocumentRequest request, int bytes) {
        document.receive(this, request, bytes);
    }

    /** Notes that the client closes its connection or the document cleanly: its awareness states end at once. */
    public void closedCleanly() {
        closedCleanly = true;
    }

    /** Answers the client that it may open the document, if its protocol has such a frame. */
    void grant() {
        Frame granted = protocol.granted(isReadOnly());
        if (granted != null) {
            client.reply(List.of(granted));
        }
    }

    /** Refuses the document to the client: by a frame if its protocol has one, so that its other documents stay open, else by a close. */
    void refuse(String reason) {
        refuse(CloseCode.TRY_LATER, reason);
    }

    /** As above, because the client has a copy of a deleted document. */
    void refuseCopy() {
        refuse(CloseCode.DELETED, Incarnation.DELETED);
    }

    private void refuse(CloseCode code, String reason) {
        isRefused = true;
        stopCounting();
        Frame denied = protocol.denied(reason);
        if (denied == null) {
            client.close(code, reason);
        } else {
            client.reply(List.of(denied));
        }
    }

    /** Returns whether the client was refused this document, so that it may try again. */
    public boolean isRefused() {
        return isRefused;
    }

    /** Ends the membership: the client has closed the document or its connection. */
    void leave() {
        stopCounting();
        document.leave(this);
    }

    private void stopCounting() {
        if (usage != null && counts.compareAndSet(true, false)) {
            usage.removeDocument();
        }
    }

    /** The client's outbox is drained after drops, and will accept broadcasts again after this call. */
    void markBehind() {
        catchUp.markBehind();
    }

    /** The client's outbox accepts broadcasts again, after {@link #markBehind} of all its documents. */
    void outboxResumed() {
        document.resume(this);
    }

    /** Returns whether there is something to send to this member alone. */
    boolean hasReplies() {
        return isNew || requestedStateVector != null || !replies.isEmpty() || !storedLarge.isEmpty() || catchUp.isDue();
    }

    /** Returns whether rights may have changed before this member was among those that are asked for them anew. */
    boolean mayHaveOldRights() {
        return rightsRevision != client.rightsRevision();
    }

    /** Returns the identity, and the permissions that decide about it. */
    Access access() {
        return access;
    }

    Client client() {
        return client;
    }

    DocumentProtocol protocol() {
        return protocol;
    }

    CatchUp catchUp() {
        return catchUp;
    }

    /** Confined to the document's run. */
    MemberAwareness awareness() {
        return awareness;
    }

    /** Returns whether the member has a part in the document's awareness; without it, it neither shows states nor receives any. */
    boolean hasPresence() {
        return hasPresence;
    }

    /** Returns whether the client has named another incarnation, that of its copy. */
    boolean hasCopyOfOther(long incarnation) {
        return copied != NO_COPY && copied != incarnation;
    }

    boolean isReadOnly() {
        return isReadOnly;
    }

    boolean wasClosedCleanly() {
        return closedCleanly;
    }
}
