package dev.tutti.hub;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one client: bounded, in order, with one send in flight. Safe for any thread; its callers never wait for the
 * network.
 *
 * <p>States: <b>idle</b> (nothing in flight, nothing waits), <b>sending</b> (one send in flight, batches may wait behind it),
 * <b>closing</b> (as sending, but takes no more and closes when all is sent) and <b>ended</b>. An outbox ends by itself, with
 * {@link CloseCode#TRY_LATER}, when more than the limit waits or a send is in flight for too long, and when a send fails.
 *
 * <p>Everything is decided under the monitor and done after it: no transport is called under a lock.
 */
final class Outbox {
    /** Hears that an outbox ended by itself: at most one call, under no lock. */
    interface Owner {
        /** The client went over a limit; its connection is being closed. */
        void refused(Refusal refusal);

        /** The client's connection had broken. */
        void broken(Throwable failure);
    }

    private record Close(CloseCode code, String reason) {}

    private final Transport transport;
    private final long maxQueuedBytes;
    private final LongSupplier nanoTime;
    private final Owner owner;
    private final Transport.Completion completion = this::completed;

    // All below: guarded by this.
    private @Nullable ArrayDeque<Batch> waiting;
    private long waitingBytes;
    /** What is being sent; null when idle or ended. */
    private @Nullable Batch current;
    /** The first frame of {@link #current} that the transport has not been given. */
    private int nextFrame;

    private long sentAtNanos;
    /** A thread is inside {@link Transport#send}: a completion leaves the next step to it, so that nothing recurses. */
    private boolean inCall;

    private boolean completedInCall;
    private @Nullable Close closing;
    private boolean ended;

    /** Makes an idle outbox; {@code maxQueuedBytes} of 0 means no limit, {@code nanoTime} is read at each send. */
    Outbox(Transport transport, long maxQueuedBytes, LongSupplier nanoTime, Owner owner) {
        this.transport = transport;
        this.maxQueuedBytes = maxQueuedBytes;
        this.nanoTime = nanoTime;
        this.owner = owner;
    }

    /**
     * Sends a batch, or queues it behind what is being sent; after a close it does nothing. Over the limit, the client is
     * closed. What is in flight does not count: a client that keeps up is never closed for the size of one batch.
     */
    void offer(Batch batch) {
        boolean idle;
        synchronized (this) {
            if (ended || closing != null) {
                return;
            }
            idle = current == null;
            if (idle) {
                current = batch;
                nextFrame = 0;
            } else if (maxQueuedBytes == 0 || waitingBytes + batch.bytes() <= maxQueuedBytes) {
                enqueue(batch);
                return;
            } else {
                end();
            }
        }
        if (idle) {
            pump();
        } else {
            refuse(Refusal.CLIENT_QUEUE);
        }
    }

    /** Closes the connection when all that was offered before has been sent; only the first call counts. */
    void close(CloseCode code, String reason) {
        synchronized (this) {
            if (ended || closing != null) {
                return;
            }
            closing = new Close(code, reason);
            if (current != null) {
                return;
            }
            end();
        }
        transport.close(code, reason);
    }

    /** Drops what waits and closes the connection at once; the owner is not told. */
    void abort(Refusal refusal) {
        discard();
        transport.close(refusal.code(), refusal.reason());
    }

    /** Drops what waits: the connection is gone. The owner is not told. */
    synchronized void discard() {
        end();
    }

    /** Asks the peer for a sign of life; false if it is being sent something, which has a time limit of its own. */
    boolean ping() {
        boolean idle = isIdle();
        if (idle) {
            transport.ping();
        }
        return idle;
    }

    /** Closes the client if its send has been in flight for longer than {@code maxNanos}; 0 means no limit. */
    void expire(long nowNanos, long maxNanos) {
        synchronized (this) {
            if (ended || current == null || maxNanos == 0 || nowNanos - sentAtNanos <= maxNanos) {
                return;
            }
            end();
        }
        refuse(Refusal.SEND_TIME);
    }

    /** Returns whether nothing is in flight and nothing waits. */
    synchronized boolean isIdle() {
        return current == null && !ended;
    }

    /** Returns the bytes that wait behind what is in flight. */
    synchronized long waitingBytes() {
        return waitingBytes;
    }

    /** Sends until nothing waits or a send stays in flight. Run by whoever made {@link #current} ready to be sent. */
    private void pump() {
        for (; ; ) {
            Batch batch;
            int from;
            synchronized (this) {
                if (!advance()) {
                    break;
                }
                batch = Objects.requireNonNull(current);
                from = nextFrame;
                inCall = true;
                completedInCall = false;
                sentAtNanos = nanoTime.getAsLong();
            }
            int taken = transport.send(batch, from, completion);
            synchronized (this) {
                inCall = false;
                nextFrame = taken;
                if (!completedInCall) {
                    return; // the completion goes on
                }
            }
        }
        closeIfAsked();
    }

    /** Makes {@link #current} what is to be sent next; false when there is nothing. */
    private boolean advance() {
        if (ended || current == null) {
            return false;
        }
        if (nextFrame < current.size()) {
            return true;
        }
        current = waiting == null ? null : waiting.poll();
        nextFrame = 0;
        if (current == null) {
            waiting = null; // an idle connection costs nothing
            return false;
        }
        waitingBytes -= current.bytes();
        return true;
    }

    private void completed(@Nullable Throwable failure) {
        synchronized (this) {
            if (ended) {
                return;
            }
            if (failure != null) {
                end();
            } else if (inCall) {
                completedInCall = true;
                return;
            }
        }
        if (failure == null) {
            pump();
        } else {
            owner.broken(failure);
            transport.close(CloseCode.INTERNAL, "");
        }
    }

    private void closeIfAsked() {
        Close close;
        synchronized (this) {
            close = closing;
            if (ended || close == null || current != null) {
                return;
            }
            end();
        }
        transport.close(close.code, close.reason);
    }

    private void refuse(Refusal refusal) {
        owner.refused(refusal);
        transport.close(refusal.code(), refusal.reason());
    }

    private void enqueue(Batch batch) {
        if (waiting == null) {
            waiting = new ArrayDeque<>(4);
        }
        waiting.add(batch);
        waitingBytes += batch.bytes();
    }

    private void end() {
        ended = true;
        current = null;
        waiting = null;
        waitingBytes = 0;
    }
}
