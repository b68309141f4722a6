package dev.tutti.hub;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A transport that records calls, and completes sends when a test calls {@link #complete}. Safe for any thread. */
final class FakeTransport implements Transport {
    /** When sends complete: {@code INSIDE} the call, or {@code LATER}, when the test asks. */
    enum Mode {
        INSIDE,
        LATER
    }

    private final Mode mode;
    private final int framesAtATime;

    // Guarded by this.
    private final List<String> sent = new ArrayList<>();
    private @Nullable Completion inFlight;
    private @Nullable CloseCode closedWith;
    private int pings;
    private int largestBatchBytes;
    private boolean broken;
    private Runnable onFirstSend = () -> {};
    private Runnable onPing = () -> {};
    private boolean holdsPings;
    private final List<Runnable> heldPings = new ArrayList<>();

    FakeTransport(Mode mode, int framesAtATime) {
        this.mode = mode;
        this.framesAtATime = framesAtATime;
    }

    @Override
    public int send(Batch batch, int from, Completion done) {
        int to = Math.min(batch.size(), from + framesAtATime);
        synchronized (this) {
            if (inFlight != null) {
                throw new AssertionError("two sends at once");
            }
            if (closedWith != null) {
                throw new AssertionError("a send after the close");
            }
            for (int i = from; i < to; i++) {
                sent.add(batch.frame(i).text());
            }
            inFlight = done;
            largestBatchBytes = Math.max(largestBatchBytes, batch.bytes());
        }
        takeOnFirstSend().run();
        if (mode == Mode.INSIDE) {
            complete();
        }
        return to;
    }

    @Override
    public void ping(Runnable handedOver) {
        Runnable hook;
        boolean held;
        synchronized (this) {
            pings++;
            hook = onPing;
            held = holdsPings;
            if (held) {
                heldPings.add(handedOver);
            }
        }
        hook.run();
        if (!held) {
            handedOver.run();
        }
    }

    /** Runs a hook inside the first send. */
    synchronized void onFirstSend(Runnable hook) {
        onFirstSend = hook;
    }

    /** Runs a hook inside each ping. */
    synchronized void onPing(Runnable hook) {
        onPing = hook;
    }

    /** Delays the handover of pings until {@link #handOverPings}, as a busy container does. */
    synchronized void holdPings() {
        holdsPings = true;
    }

    /** Hands over the delayed pings. */
    synchronized void handOverPings() {
        heldPings.forEach(Runnable::run);
        heldPings.clear();
    }

    private synchronized Runnable takeOnFirstSend() {
        Runnable hook = onFirstSend;
        onFirstSend = () -> {};
        return hook;
    }

    synchronized int largestBatchBytes() {
        return largestBatchBytes;
    }

    @Override
    public synchronized void close(CloseCode code, String reason) {
        if (closedWith == null) {
            closedWith = code;
        }
    }

    /** Completes the send in flight; false if there is none. */
    boolean complete() {
        Completion done;
        Throwable failure;
        synchronized (this) {
            done = inFlight;
            failure = broken ? new java.io.IOException("broken pipe") : null;
            inFlight = null;
        }
        if (done == null) {
            return false;
        }
        done.done(failure);
        return true;
    }

    /** Fails the send in flight and all later ones. */
    synchronized void breakConnection() {
        broken = true;
    }

    synchronized List<String> sent() {
        return List.copyOf(sent);
    }

    synchronized int sentCount() {
        return sent.size();
    }

    synchronized @Nullable CloseCode closedWith() {
        return closedWith;
    }

    synchronized int pings() {
        return pings;
    }
}
