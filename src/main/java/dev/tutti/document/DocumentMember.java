package dev.tutti.document;

import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.yjs.UpdateIds;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A client that has a document open. Safe for any thread. */
public final class DocumentMember {
    private final LiveDocument document;
    private final Client client;
    private final DocumentProtocol protocol;
    private final boolean readOnly;
    private volatile boolean closedCleanly;
    private volatile boolean turnedAway;
    /** How often something was dropped that was to be sent to the client. */
    private final AtomicInteger drops = new AtomicInteger();

    // Confined to the document's run.
    private final AwarenessSession awareness = new AwarenessSession();

    /** Stands for this member in the document's state, from 1. */
    long contributor;

    /** Up to where this client surely has everything; null if it may have nothing. */
    byte @Nullable [] stateVector;

    /** It has not been greeted. */
    boolean isNew = true;

    /** What state vector it has asked about and not been answered; null if none. */
    byte @Nullable [] asked;

    /** Short replies that it has not been sent. */
    final List<Frame> replies = new ArrayList<>(0);

    /** Large updates of its own that are stored, which it has not been told. */
    final List<UpdateIds> stored = new ArrayList<>(0);

    /** Since when an answer to it waits for memory; 0 if none does. */
    long roomlessSinceNanos;

    /** It wrote something that was ignored, and so is never stored. */
    boolean wasIgnored;

    /** How many updates of its own it has not been told to be stored. */
    int unconfirmed;

    /** Updates of its own came in this run: what it is sent now would confirm them before they are stored. */
    boolean contributes;

    /** After how many of {@link #drops} its client has read on. */
    private int caughtUp;

    /** After how many of {@link #drops} it was sent all that it lacked. */
    private int upToDate;

    DocumentMember(LiveDocument document, Client client, DocumentProtocol protocol, boolean readOnly) {
        this.document = document;
        this.client = client;
        this.protocol = protocol;
        this.readOnly = readOnly;
    }

    /**
     * Takes a request of the client; one that exceeds a limit closes the client. One call at a time.
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

    /** The client cannot have the document: this document alone is denied where its protocol can say so, else the client is closed. */
    void turnAway(String reason) {
        turnedAway = true;
        Frame denied = protocol.denied(reason);
        if (denied == null) {
            client.close(CloseCode.TRY_LATER, reason);
        } else {
            client.answer(List.of(denied));
        }
    }

    /** Returns whether the client was refused this document, so that it may try again. */
    public boolean isTurnedAway() {
        return turnedAway;
    }

    /** The client is gone, or has put the document away. */
    void leave() {
        document.leave(this);
    }

    /** Something was dropped; comes before {@link #catchUp} of any document that this client has open. */
    void fallBehind() {
        drops.incrementAndGet();
    }

    /** The client reads again. */
    void catchUp() {
        document.catchUp(this);
    }

    /** The client reads again: called in the run, once for each {@link #fallBehind} and after it. */
    void hasCaughtUp() {
        caughtUp++;
    }

    /** The client is sent all that it lacked when it last read again. */
    void markUpToDate() {
        upToDate = caughtUp;
    }

    /** Returns whether something was dropped, and the client has not been sent what it lacks. */
    boolean isBehind() {
        return drops.get() != upToDate;
    }

    /** Returns whether the client may be sent what it lacks: not before its own updates are stored, because that would confirm them. */
    boolean mayCatchUp() {
        return caughtUp != upToDate && unconfirmed == 0 && !contributes;
    }

    /** Returns whether there is something to send to this client alone. */
    boolean isWaiting() {
        return isNew || asked != null || !replies.isEmpty() || !stored.isEmpty() || mayCatchUp();
    }

    Client client() {
        return client;
    }

    DocumentProtocol protocol() {
        return protocol;
    }

    /** Confined to the document's run. */
    AwarenessSession awareness() {
        return awareness;
    }

    boolean isReadOnly() {
        return readOnly;
    }

    boolean wasClosedCleanly() {
        return closedCleanly;
    }
}
