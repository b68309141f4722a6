package dev.tutti.document;

import dev.tutti.document.RelayMessage.Changes;
import dev.tutti.document.RelayMessage.Progress;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The changes of this server's clients on their way to the other copies of a document. Each message with a change has a number, one more than that of the
 * message before; also one that cannot be sent, so that the others notice it. Confined to the document's run.
 */
final class OwnChanges {
    /** A copy that has sent nothing for so long shows that it lives. */
    private static final long BEAT_NANOS = 3_000_000_000L;

    private static final byte[] NONE = {};

    private final RelayPort port;
    private final Persistence persistence;
    private final DocumentAwareness awareness;
    private final RelayQueue queue = new RelayQueue();

    /** Number of the last change. */
    private long last;

    /** The changes up to this number are stored. */
    private long stored;

    private long sentNanos;
    /** A message must be sent soon, even without a change. */
    private boolean mustBeat;
    /** {@link #stored} has grown since the last message. */
    private boolean mustReport;
    /** The others must raise the clocks of their awareness. */
    private boolean mustOthersRenew;

    OwnChanges(RelayPort port, Persistence persistence, DocumentAwareness awareness) {
        this.port = port;
        this.persistence = persistence;
        this.awareness = awareness;
    }

    Progress progress() {
        return new Progress(last, stored);
    }

    /** Sends a message at the end of the run. */
    void beat() {
        mustBeat = true;
    }

    /** Adds the changes of a run, after they were handed to the store; see {@link Copies#endRun}. */
    void add(byte @Nullable [] update, Set<Long> awarenessIds) {
        queue.addAwareness(awarenessIds);
        if (update != null && !queue.add(update)) {
            number();
            mustBeat = true; // which shows the others that they lack something
        }
    }

    /** Gives the changes since the last number the next one. */
    void number() {
        long number = ++last;
        persistence.whenStored(() -> {
            stored = Math.max(stored, number);
            mustReport = true;
        });
    }

    /** Ends a run: sends the waiting changes, unless a message is on its way. */
    void endRun(boolean hasPeers, long nowNanos) {
        mustOthersRenew |= awareness.takeMustOthersRenew();
        mustOthersRenew &= hasPeers;
        if (!port.isConnected()) {
            drop();
        } else if (queue.isReady()) {
            send(nowNanos);
        }
    }

    private void drop() {
        if (!queue.isEmpty()) {
            queue.clear();
            number();
        }
    }

    private void send(long nowNanos) {
        byte[] update = NONE;
        byte[] states = NONE;
        if (!queue.isEmpty()) {
            update = queue.takeUpdate();
            Set<Long> ids = queue.takeAwareness();
            states = ids.isEmpty() ? NONE : awareness.encode(ids);
            number();
        } else if (!mustBeat && !mustOthersRenew) {
            return;
        }
        Changes changes = new Changes(port.origin(), progress(), update, states, mustOthersRenew);
        mustBeat = false;
        mustReport = false;
        mustOthersRenew = false;
        sentNanos = nowNanos;
        CompletionStage<Long> sent = port.send(changes);
        queue.sending(sent);
        var unused = sent.whenComplete((receivers, failure) -> port.sent());
    }

    /** Handles a tick of the clock while there are other copies: reports stored changes, and shows that this copy lives. */
    void tick(long nowNanos) {
        mustBeat |= mustReport || nowNanos - beatDueNanos() >= 0;
    }

    /** Returns when this copy must show that it lives. */
    long beatDueNanos() {
        return sentNanos + BEAT_NANOS;
    }

    /** Returns whether something waits for a tick or for the message before it. */
    boolean isDue(boolean hasPeers) {
        return mustBeat || !queue.isEmpty() || (mustReport && hasPeers);
    }
}
