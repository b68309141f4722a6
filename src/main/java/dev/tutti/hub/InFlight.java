package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/**
 * The batch that an outbox is sending, and its progress. Guarded by its outbox.
 *
 * <p>A transport reports the completion of a call inside that call, or later from another thread. Exactly one thread continues: the one
 * inside the call if the completion comes before {@link #returned}, otherwise the one that completes it. So nothing recurses.
 */
final class InFlight {
    private final OutboxQueue queue;

    /** Null if nothing is in flight. */
    private @Nullable Batch batch;
    /** {@link #batch} is held. */
    private boolean held;
    /** The first frame of {@link #batch} that the transport does not have. */
    private int nextFrame;
    /** A thread is inside {@link Transport#send}. */
    private boolean inCall;

    private boolean completedInCall;

    /** Number of calls, by which a tick recognizes the one that it saw before; sending reads no clock. */
    private int calls;

    private int seenCalls;
    private long seenAtNanos;

    InFlight(OutboxQueue queue) {
        this.queue = queue;
    }

    boolean isEmpty() {
        return batch == null;
    }

    /** Returns the frame that the next call starts with. */
    int nextFrame() {
        return nextFrame;
    }

    /** Puts a batch in flight; the caller calls the transport next. */
    void start(Batch first) {
        batch = first;
        nextFrame = 0;
        beginCall();
    }

    /** Records that the call has returned, which took the frames before {@code taken}; false if its completion is still to come. */
    boolean returned(int taken) {
        inCall = false;
        nextFrame = taken;
        if (!completedInCall && batch != null && !held) {
            held = true;
            queue.hold(batch);
        }
        return completedInCall;
    }

    /** Records a completion; false if a thread is inside the call, which then continues. */
    boolean completed() {
        completedInCall = inCall;
        return !inCall;
    }

    /** Returns the batch for the next call, from {@link #nextFrame} on: the same, or the next of the queue; null if there is none. */
    @Nullable
    Batch next() {
        if (batch == null) {
            return null;
        }
        if (nextFrame == batch.size()) {
            queue.reserve(-batch.reservedBytes());
            if (held) {
                queue.release(batch);
            }
            batch = queue.poll();
            held = batch != null;
            nextFrame = 0;
            if (batch == null) {
                return null;
            }
        }
        beginCall();
        return batch;
    }

    /** Returns whether a call has been in flight for longer than {@code maxNanos}, counted from the first tick that saw it. */
    boolean isLate(long nowNanos, long maxNanos) {
        if (batch == null) {
            return false;
        }
        if (calls != seenCalls) {
            seenCalls = calls;
            seenAtNanos = nowNanos;
            return false;
        }
        return nowNanos - seenAtNanos >= maxNanos;
    }

    /** Drops the batch. */
    void clear() {
        if (batch != null && held) {
            queue.release(batch);
        }
        batch = null;
        held = false;
    }

    private void beginCall() {
        inCall = true;
        completedInCall = false;
        calls++;
    }
}
