package dev.tutti.hub;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The batches that wait in an outbox behind the send in flight, and the bytes that the outbox holds and reserves. Guarded by its outbox.
 *
 * <p>Broadcasts count up to {@code maxBytes}. Replies have a limit of their own: otherwise a busy room could close a client that joins
 * again for its own recovery, again and again.
 */
final class OutboxQueue {
    /** The most bytes that are joined: what one write can hand to the network. */
    static final int MAX_JOINED_BYTES = 16 * 1024;

    /** The memory of a joined batch: payload, wire format and text. */
    private static final int MAX_JOINED_MEMORY = 3 * MAX_JOINED_BYTES;

    private final long maxBytes;
    private final Budget budget;
    private @Nullable ArrayDeque<Batch> waiting;
    /** Wire bytes of the broadcasts that wait. */
    private long waitingBytes;
    /** Bytes of the replies that are being made, wait or are in flight. */
    private long reservedBytes;
    /** Memory of the batches that the outbox holds; other outboxes may hold the same batches. */
    private long heldBytes;

    /** Makes an empty queue; {@code maxBytes} of 0 means no limit. */
    OutboxQueue(long maxBytes, Budget budget) {
        this.maxBytes = maxBytes;
        this.budget = budget;
    }

    /** Returns the limit that a batch would exceed; null if it may wait. */
    @Nullable
    LimitBreach breach(Batch batch) {
        if (!isReply(batch) && maxBytes != 0 && waitingBytes + batch.bytes() > maxBytes) {
            return LimitBreach.CLIENT_QUEUE;
        }
        return batch.isHeld() || budget.hasRoom(Budget.Share.OUTPUT, batch.memoryBytes(), heldBytes)
                ? null
                : LimitBreach.MEMORY;
    }

    /** Adds a batch, and holds it. */
    void add(Batch batch) {
        if (waiting == null) {
            waiting = new ArrayDeque<>(4);
        }
        waiting.add(batch);
        waitingBytes += isReply(batch) ? 0 : batch.bytes();
        hold(batch);
    }

    /**
     * Removes and returns the first batch, which stays held; null if none waits. Broadcasts that wait behind it are joined with it up to {@link
     * #MAX_JOINED_BYTES}: a client that has fallen behind gets many messages with one write, or in one frame if its protocol allows it.
     */
    @Nullable
    Batch poll() {
        Batch first = pollOne();
        if (first == null || isReply(first) || !joins(first.bytes())) {
            return first;
        }
        List<Batch> parts = new ArrayList<>();
        parts.add(first);
        int bytes = first.bytes();
        while (joins(bytes)) {
            Batch next = Objects.requireNonNull(pollOne());
            parts.add(next);
            bytes += next.bytes();
        }
        Batch joined = Batch.joining(parts);
        joined.hold(budget);
        heldBytes += joined.ownBytes();
        return joined;
    }

    /** Returns whether the next batch may be sent together with {@code bytes} before it. */
    private boolean joins(int bytes) {
        Batch next = waiting == null ? null : waiting.peek();
        return next != null
                && !isReply(next)
                && bytes + next.bytes() <= MAX_JOINED_BYTES
                && budget.hasRoom(Budget.Share.OUTPUT, MAX_JOINED_MEMORY);
    }

    private @Nullable Batch pollOne() {
        if (waiting == null) {
            return null;
        }
        Batch first = waiting.poll();
        if (first == null) {
            waiting = null; // an idle connection keeps no queue
            return null;
        }
        waitingBytes -= isReply(first) ? 0 : first.bytes();
        return first;
    }

    /** Drops and releases all broadcasts; replies stay. */
    void dropBroadcasts() {
        if (waiting != null) {
            waiting.removeIf(batch -> {
                boolean drops = !isReply(batch);
                if (drops) {
                    release(batch);
                }
                return drops;
            });
        }
        waitingBytes = 0;
    }

    /** Drops and releases all batches. */
    void clear() {
        if (waiting != null) {
            waiting.forEach(this::release);
        }
        waiting = null;
        waitingBytes = 0;
    }

    /** Counts the memory of a batch. */
    void hold(Batch batch) {
        batch.hold(budget);
        heldBytes += batch.memoryBytes();
    }

    /** No longer counts the memory of a batch. */
    void release(Batch batch) {
        batch.release(budget);
        heldBytes -= batch.memoryBytes();
    }

    /** Returns whether the reserved bytes of replies are below the limit. */
    boolean canReserve() {
        return maxBytes == 0 || reservedBytes < maxBytes;
    }

    /** Reserves bytes for a reply, or gives them back if negative. */
    void reserve(int bytes) {
        reservedBytes += bytes;
    }

    long waitingBytes() {
        return waitingBytes;
    }

    long heldBytes() {
        return heldBytes;
    }

    private static boolean isReply(Batch batch) {
        return batch.reservedBytes() > 0;
    }
}
