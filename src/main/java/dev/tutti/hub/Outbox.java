package dev.tutti.hub;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one client: bounded, in order, with one send in flight. Safe for any thread; its callers never wait for the
 * network.
 *
 * <p>States: <b>idle</b> (nothing in flight, nothing waits), <b>sending</b> (one send in flight, batches may wait behind it),
 * <b>closing</b> (as sending, but takes no more and closes when all is sent) and <b>ended</b>. An outbox ends by itself, with
 * {@link CloseCode#TRY_LATER}, when more than the limit waits or a send is in flight for too long, and when a send fails. One that
 * <b>drops</b> does not end when too much waits: it drops what waits and what comes, until its owner, told that the rest is sent, says how
 * to go on. Answers that the client has asked for wait in the same order, count apart, and are not dropped.
 *
 * <p>Batches that wait, or whose send does not end at once, are held: their memory is reserved in {@link Budget.Share#OUTPUT}, once for all
 * outboxes that share a batch. If the share has not so much left, the outbox ends with {@link LimitBreach#MEMORY}.
 *
 * <p>Everything is decided under the monitor and done after it: no transport is called under a lock.
 */
final class Outbox {
    /** Hears what an outbox does by itself, under no lock. That it ended, it hears once. */
    interface Owner {
        /** The client went over a limit; its connection is being closed. */
        void limitBreached(LimitBreach breach);

        /** The client's connection had broken. */
        void sendFailed(Throwable failure);

        /** The output share of the budget is under pressure. */
        default void outputPressure() {}

        /** An outbox that drops has dropped something, and has sent the rest; it drops what comes until {@link #resume}. */
        default void drained() {}
    }

    private record Close(CloseCode code, String reason) {}

    private final Transport transport;
    private final long maxQueuedBytes;
    private final boolean drops;
    private final Budget budget;
    private final Owner owner;
    private final Transport.Completion completion = this::completed;

    // All below: guarded by this.
    private @Nullable ArrayDeque<Batch> waiting;
    /** What waits, but for answers. */
    private long waitingBytes;
    /** What was reserved for answers that have not been sent. */
    private long reservedBytes;
    /** Memory of the batches that this outbox holds: those that wait, and the one in flight if its send did not end at once. */
    private long heldBytes;
    /** {@link #current} is held. */
    private boolean holdsCurrent;
    /** What is being sent; null when idle or ended. */
    private @Nullable Batch current;
    /** The first frame of {@link #current} that the transport has not been given. */
    private int nextFrame;

    /** A thread is inside {@link Transport#send}: a completion leaves the next step to it, so that nothing recurses. */
    private boolean inCall;

    private boolean completedInCall;
    /** Counts sends, so that the clock can tell whether the one it saw is still in flight; sending reads no clock. */
    private int sends;

    private int seenSends;
    private long seenAtNanos;
    private @Nullable Close closing;
    /** Something was dropped, and so is all that comes until the owner says otherwise. */
    private boolean dropping;
    /** The owner was told so. */
    private boolean toldOfDropping;

    private boolean ended;

    /** Makes an idle outbox; {@code maxQueuedBytes} of 0 means no limit. */
    Outbox(Transport transport, long maxQueuedBytes, Budget budget, Owner owner) {
        this(transport, maxQueuedBytes, false, budget, owner);
    }

    /**
     * Makes an idle outbox.
     *
     * @param drops whether it does not end when too much waits: then it drops what waits, and all that comes, and says when the rest is sent
     */
    Outbox(Transport transport, long maxQueuedBytes, boolean drops, Budget budget, Owner owner) {
        this.transport = transport;
        this.maxQueuedBytes = maxQueuedBytes;
        this.drops = drops;
        this.budget = budget;
        this.owner = owner;
    }

    /**
     * Sends a batch, or queues it behind what is being sent; after a close it does nothing. Over the limit, the client is
     * closed. What is in flight does not count: a client that keeps up is never closed for the size of one batch.
     */
    void offer(Batch batch) {
        boolean idle;
        LimitBreach breach = null;
        synchronized (this) {
            boolean isAnswer = batch.reservedBytes() > 0;
            if (ended || closing != null || (dropping && !isAnswer)) {
                return;
            }
            idle = current == null;
            if (idle) {
                current = batch;
                nextFrame = 0;
                begin();
            } else {
                breach = breach(batch, isAnswer);
                if (breach == null) {
                    enqueue(batch);
                } else if (drops && !isAnswer) {
                    breach = null;
                    drop();
                } else {
                    end();
                }
            }
        }
        if (idle) {
            send(batch, 0);
        } else if (breach != null) {
            refuse(breach);
        } else {
            watchBudget();
        }
    }

    /** Returns why a batch may not wait here; null if it may. */
    private @Nullable LimitBreach breach(Batch batch, boolean isAnswer) {
        if (!isAnswer && maxQueuedBytes != 0 && waitingBytes + batch.bytes() > maxQueuedBytes) {
            return LimitBreach.CLIENT_QUEUE;
        }
        return batch.isHeld() || budget.hasRoom(Budget.Share.OUTPUT, batch.memoryBytes(), heldBytes)
                ? null
                : LimitBreach.MEMORY;
    }

    private void watchBudget() {
        if (budget.isUnderPressure(Budget.Share.OUTPUT)) {
            owner.outputPressure();
        }
    }

    /** Returns whether less than the limit is on its way of what the client asked for. */
    synchronized boolean canReserve() {
        return maxQueuedBytes == 0 || reservedBytes < maxQueuedBytes;
    }

    /**
     * Counts an answer to this client that is on its way, or was already sent. Answers count apart from what the client is told: else
     * one that comes back to a busy room could be closed for what it has to catch up with, again and again.
     *
     * @param bytes the batch's {@link Batch#reservedBytes}
     */
    synchronized void reserve(int bytes) {
        reservedBytes += bytes;
    }

    /** Drops no more: the owner has been told that this has caught up, and offers next what it lacks. */
    synchronized void resume() {
        dropping = false;
        toldOfDropping = false;
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
    void abort(LimitBreach breach) {
        discard();
        transport.close(breach.code(), breach.reason());
    }

    /** Drops what waits: the connection is gone. The owner is not told. */
    synchronized void discard() {
        end();
    }

    /**
     * Asks the peer for a sign of life.
     *
     * @param handedOver as {@link Transport#ping} takes it
     * @return false if the peer is being sent something, which has a time limit of its own; then nothing happened
     */
    boolean ping(Runnable handedOver) {
        boolean idle = isIdle();
        if (idle) {
            transport.ping(handedOver);
        }
        return idle;
    }

    /**
     * Closes the client if its send is in flight for too long. Called by the clock, which sees a send at the first call after it
     * began.
     *
     * @param maxNanos how long it may be; 0 means no limit
     */
    void expire(long nowNanos, long maxNanos) {
        synchronized (this) {
            if (current == null || maxNanos == 0) {
                return;
            }
            if (sends != seenSends) {
                seenSends = sends;
                seenAtNanos = nowNanos;
                return;
            }
            if (nowNanos - seenAtNanos < maxNanos) {
                return;
            }
            end();
        }
        refuse(LimitBreach.SEND_TIME);
    }

    /** Returns whether all that was offered has been sent. */
    synchronized boolean isIdle() {
        return current == null && !dropping && !ended;
    }

    /** Returns whether nothing more will be sent. */
    synchronized boolean hasEnded() {
        return ended;
    }

    /** Returns the memory of the batches that wait here or are in flight; other outboxes may hold the same batches. */
    synchronized long heldBytes() {
        return heldBytes;
    }

    /** Returns the bytes that wait behind what is in flight. */
    synchronized long waitingBytes() {
        return waitingBytes;
    }

    /** Sends from frame {@code from} of {@code batch} on, until nothing waits or a send stays in flight; {@link #begin} came before. */
    private void send(Batch batch, int from) {
        Batch sending = batch;
        int first = from;
        while (sending != null) {
            int taken = transport.send(sending, first, completion);
            synchronized (this) {
                inCall = false;
                nextFrame = taken;
                if (!completedInCall) {
                    if (current != null && !holdsCurrent) {
                        holdsCurrent = true;
                        hold(current);
                    }
                    break; // the completion goes on
                }
                sending = next();
                first = nextFrame;
            }
        }
        if (sending == null) {
            rest();
        } else {
            watchBudget();
        }
    }

    private void completed(@Nullable Throwable failure) {
        Batch next = null;
        int first = 0;
        synchronized (this) {
            if (ended) {
                return;
            }
            if (failure != null) {
                end();
            } else if (inCall) {
                completedInCall = true;
                return;
            } else {
                next = next();
                first = nextFrame;
            }
        }
        if (failure != null) {
            owner.sendFailed(failure);
            transport.close(CloseCode.INTERNAL, "");
        } else if (next != null) {
            send(next, first);
        } else {
            rest();
        }
    }

    /** Returns what is to be sent next, from {@link #nextFrame} on, and begins to send it; null if nothing is. */
    private @Nullable Batch next() {
        if (current == null) {
            return null;
        }
        if (nextFrame == current.size()) {
            reservedBytes -= current.reservedBytes();
            if (holdsCurrent) {
                release(current);
            }
            current = waiting == null ? null : waiting.poll();
            holdsCurrent = current != null;
            nextFrame = 0;
            if (current == null) {
                waiting = null; // an idle connection costs nothing
                return null;
            }
            waitingBytes -= queuedBytes(current);
        }
        begin();
        return current;
    }

    private void begin() {
        inCall = true;
        completedInCall = false;
        sends++;
    }

    /** Nothing is in flight any more: closes if that was asked for, and says if something was dropped. */
    private void rest() {
        Close close;
        boolean dropped;
        synchronized (this) {
            if (ended || current != null) {
                return;
            }
            close = closing;
            dropped = dropping && !toldOfDropping;
            toldOfDropping = dropping;
            if (close != null) {
                end();
            }
        }
        if (close != null) {
            transport.close(close.code, close.reason);
        } else if (dropped) {
            owner.drained();
        }
    }

    private void refuse(LimitBreach breach) {
        owner.limitBreached(breach);
        transport.close(breach.code(), breach.reason());
    }

    private void enqueue(Batch batch) {
        if (waiting == null) {
            waiting = new ArrayDeque<>(4);
        }
        waiting.add(batch);
        waitingBytes += queuedBytes(batch);
        hold(batch);
    }

    private void drop() {
        if (waiting != null) {
            waiting.removeIf(batch -> {
                boolean drops = batch.reservedBytes() == 0;
                if (drops) {
                    release(batch);
                }
                return drops;
            });
        }
        waitingBytes = 0;
        dropping = true;
    }

    private void hold(Batch batch) {
        batch.hold(budget);
        heldBytes += batch.memoryBytes();
    }

    private void release(Batch batch) {
        batch.release(budget);
        heldBytes -= batch.memoryBytes();
    }

    private static int queuedBytes(Batch batch) {
        return batch.reservedBytes() == 0 ? batch.bytes() : 0;
    }

    private void end() {
        ended = true;
        if (current != null && holdsCurrent) {
            release(current);
        }
        if (waiting != null) {
            waiting.forEach(this::release);
        }
        current = null;
        holdsCurrent = false;
        waiting = null;
        waitingBytes = 0;
    }
}
