package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/**
 * Sends batches to one client: in order, bounded, one send in flight. Safe for any thread; no caller waits for the network.
 *
 * <p>States: <b>idle</b> (nothing in flight, nothing waits), <b>sending</b> (one send in flight, batches may wait behind it), <b>closing</b>
 * (as sending, but accepts no more batches and closes when all are sent) and <b>ended</b>. An outbox ends by itself with {@link
 * CloseCode#TRY_LATER} when more than the limit waits or a send takes too long, and without a reason when a send fails.
 *
 * <p>An outbox that <b>drops</b> does not end when too much waits. It drops the waiting and all later broadcasts, but no replies, until it has
 * sent the rest and its owner calls {@link #resume}.
 *
 * <p>Waiting batches, and one whose send does not complete at once, are held: their memory is reserved in {@link Budget.Share#OUTPUT}, once for
 * all outboxes that share a batch. If the share has no room, the outbox ends with {@link LimitBreach#MEMORY}.
 *
 * <p>Methods decide under the monitor and act after it: no transport and no owner is called under a lock.
 */
final class Outbox {
    /** Called when an outbox acts by itself, under no lock. */
    interface Owner {
        /** The outbox has ended because the client went over a limit, and closes the connection next. */
        void limitBreached(LimitBreach breach);

        /** The outbox has ended because the connection broke. */
        void sendFailed(Throwable failure);

        /** The output share of the budget is under pressure. */
        default void outputPressure() {}

        /** An outbox that drops has sent all kept batches. It drops all broadcasts until {@link #resume}. */
        default void drained() {}
    }

    private record Close(CloseCode code, String reason) {}

    private final Transport transport;
    private final boolean drops;
    private final Budget budget;
    private final Owner owner;
    private final Transport.Completion completion = this::completed;

    // All below: guarded by this.
    private final OutboxQueue queue;
    private final InFlight inFlight;
    private @Nullable Close closing;
    /** Broadcasts are dropped until {@link #resume}. */
    private boolean dropping;
    /** {@link Owner#drained} was called for this time of dropping. */
    private boolean drainedCalled;

    private boolean ended;

    /** Makes an idle outbox that does not drop; {@code maxQueuedBytes} of 0 means no limit. */
    Outbox(Transport transport, long maxQueuedBytes, Budget budget, Owner owner) {
        this(transport, maxQueuedBytes, false, budget, owner);
    }

    /**
     * Makes an idle outbox.
     *
     * @param maxQueuedBytes of broadcasts that wait, and of replies; 0 means no limit
     * @param drops whether it drops broadcasts, instead of ending, when too much waits
     */
    Outbox(Transport transport, long maxQueuedBytes, boolean drops, Budget budget, Owner owner) {
        this.transport = transport;
        this.drops = drops;
        this.budget = budget;
        this.owner = owner;
        this.queue = new OutboxQueue(maxQueuedBytes, budget);
        this.inFlight = new InFlight(queue);
    }

    /**
     * Sends a batch, or queues it behind the send in flight; does nothing after a close. Over the limit, the client is closed. The batch in
     * flight does not count: a client that keeps up is never closed for the size of one batch.
     */
    void offer(Batch batch) {
        boolean idle;
        LimitBreach breach = null;
        synchronized (this) {
            boolean isReply = batch.reservedBytes() > 0;
            if (ended || closing != null || (dropping && !isReply)) {
                return;
            }
            idle = inFlight.isEmpty();
            if (idle) {
                inFlight.start(batch);
            } else {
                breach = queue.breach(batch);
                if (breach == null) {
                    queue.add(batch);
                } else if (drops && !isReply) {
                    breach = null;
                    queue.dropBroadcasts();
                    dropping = true;
                } else {
                    end();
                }
            }
        }
        if (idle) {
            send(batch, 0);
        } else if (breach != null) {
            closeFor(breach);
        } else {
            checkPressure();
        }
    }

    /** Returns whether the replies for this client are below the limit. */
    synchronized boolean canReserve() {
        return queue.canReserve();
    }

    /** @throws LimitException if the replies for this client are not below the limit */
    void requireFewReplies() {
        if (!canReserve()) {
            throw new LimitException(LimitBreach.REPLIES);
        }
    }

    /**
     * Counts a reply that will be offered, or already was.
     *
     * @param bytes the batch's {@link Batch#reservedBytes}
     */
    synchronized void reserve(int bytes) {
        queue.reserve(bytes);
    }

    /** Stops dropping: the owner offers the difference next. */
    synchronized void resume() {
        dropping = false;
        drainedCalled = false;
    }

    /** Closes the connection after all earlier batches; later calls do nothing. */
    void close(CloseCode code, String reason) {
        synchronized (this) {
            if (ended || closing != null) {
                return;
            }
            closing = new Close(code, reason);
            if (!inFlight.isEmpty()) {
                return;
            }
            end();
        }
        transport.close(code, reason);
    }

    /** Drops all waiting batches and closes the connection at once, without a call of the owner. */
    void abort(LimitBreach breach) {
        discard();
        transport.close(breach.code(), breach.reason());
    }

    /** Drops all waiting batches, because the connection has ended, without a call of the owner. */
    synchronized void discard() {
        end();
    }

    /**
     * Pings the peer.
     *
     * @param handedOver as in {@link Transport#ping}
     * @return false, and nothing happens, if a send is in flight: that has a time limit of its own
     */
    boolean ping(Runnable handedOver) {
        boolean idle = isIdle();
        if (idle) {
            transport.ping(handedOver);
        }
        return idle;
    }

    /**
     * Closes the client if its send has been in flight for too long, counted from the first tick that saw it. Called by the clock.
     *
     * @param maxNanos 0 means no limit
     */
    void expire(long nowNanos, long maxNanos) {
        synchronized (this) {
            if (maxNanos == 0 || !inFlight.isLate(nowNanos, maxNanos)) {
                return;
            }
            end();
        }
        closeFor(LimitBreach.SEND_TIME);
    }

    /** Returns whether all batches are sent, and none was dropped. */
    synchronized boolean isIdle() {
        return inFlight.isEmpty() && !dropping && !ended;
    }

    /** Returns whether nothing more will be sent. */
    synchronized boolean hasEnded() {
        return ended;
    }

    /** Returns the memory of the batches that this outbox holds; other outboxes may hold the same batches. */
    synchronized long heldBytes() {
        return queue.heldBytes();
    }

    /** Returns the bytes of the broadcasts that wait behind the send in flight. */
    synchronized long waitingBytes() {
        return queue.waitingBytes();
    }

    /** Sends from frame {@code from} of {@code batch} on, until nothing waits or a send stays in flight. */
    private void send(Batch batch, int from) {
        Batch sending = batch;
        int first = from;
        while (sending != null) {
            int taken = transport.send(sending, first, completion);
            synchronized (this) {
                if (!inFlight.returned(taken)) {
                    break; // the completion continues
                }
                sending = inFlight.next();
                first = inFlight.nextFrame();
            }
        }
        if (sending == null) {
            finish();
        } else {
            checkPressure();
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
            } else if (!inFlight.completed()) {
                return;
            } else {
                next = inFlight.next();
                first = inFlight.nextFrame();
            }
        }
        if (failure != null) {
            owner.sendFailed(failure);
            transport.close(CloseCode.INTERNAL, "");
        } else if (next != null) {
            send(next, first);
        } else {
            finish();
        }
    }

    /** Closes if that was requested, or reports that the rest is sent, if nothing is in flight any more. */
    private void finish() {
        Close close;
        boolean drained;
        synchronized (this) {
            if (ended || !inFlight.isEmpty()) {
                return;
            }
            close = closing;
            drained = dropping && !drainedCalled;
            drainedCalled = dropping;
            if (close != null) {
                end();
            }
        }
        if (close != null) {
            transport.close(close.code, close.reason);
        } else if (drained) {
            owner.drained();
        }
    }

    private void closeFor(LimitBreach breach) {
        owner.limitBreached(breach);
        transport.close(breach.code(), breach.reason());
    }

    private void checkPressure() {
        if (budget.isUnderPressure(Budget.Share.OUTPUT)) {
            owner.outputPressure();
        }
    }

    private void end() {
        ended = true;
        inFlight.clear();
        queue.clear();
    }
}
