package dev.tutti.document;

import dev.tutti.hub.Client;
import dev.tutti.yjs.YDocument;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Brings a slow member up to date. Confined to the document's run, but for {@link #markBehind}, which any thread may call.
 *
 * <p>The outbox of a slow client drops broadcasts until it has sent the rest, and then reports that it is drained. The member is behind until it
 * has received the difference from its <b>base</b>: a state vector that its client certainly has. The base is the document's state at the
 * beginning of a run at which the outbox was empty and the member not behind.
 */
final class CatchUp {
    /** Drained outboxes after drops, counted before the outbox accepts broadcasts again. */
    private final AtomicInteger drains = new AtomicInteger();

    /** The {@link #drains} that the run knows of. */
    private int knownDrains;

    /** The {@link #drains} after which the member was brought up to date. */
    private int caughtUpDrains;

    /** Null if the client may have nothing. */
    private byte @Nullable [] base;

    /** Runs whose updates of this member are not acknowledged yet. */
    private int unacknowledged;

    /** The member has sent updates in this run: a difference would acknowledge them before they are stored. */
    private boolean isAuthor;

    /** Marks the member as behind; before its client's outbox accepts broadcasts again. Any thread. */
    void markBehind() {
        drains.incrementAndGet();
    }

    /** The outbox accepts broadcasts again; once for each {@link #markBehind} and after it. */
    void outboxResumed() {
        knownDrains++;
    }

    /** Returns whether the member has missed broadcasts. */
    boolean isBehind() {
        return drains.get() != caughtUpDrains;
    }

    /** Returns whether the member may receive the difference: not before its own updates are stored, which it would acknowledge. */
    boolean isDue() {
        return knownDrains != caughtUpDrains && unacknowledged == 0 && !isAuthor;
    }

    /** The member receives the {@link #difference} now. */
    void markUpToDate() {
        caughtUpDrains = knownDrains;
    }

    /** Returns an update with all parts that the member may lack. */
    byte[] difference(YDocument state) throws MalformedUpdateException {
        byte[] from = base;
        return from == null ? state.encode() : state.diff(from);
    }

    /** Sets the base if the client certainly has everything below a state vector. Its outbox is checked first: it is marked as behind before it drains. */
    void offerBase(byte[] stateVector, Client client) {
        if (unacknowledged == 0 && client.isIdle() && !isBehind()) {
            base = stateVector;
        }
    }

    /** The member has sent an update in this run. */
    void beginAuthorship() {
        isAuthor = true;
    }

    /** The run ends. */
    void endAuthorship() {
        isAuthor = false;
    }

    /** The member's updates of this run will be acknowledged later. */
    void awaitAcknowledgement() {
        unacknowledged++;
    }

    /** The member's updates of an earlier run are acknowledged. */
    void acknowledged() {
        unacknowledged--;
    }
}
