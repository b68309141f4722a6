package dev.tutti.webhook;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait for the receiver, and the decision which one to send next. Confined to the run of {@link Webhooks}.
 *
 * <p>The messages of one subject form a lane. Only the first message of a lane is sent, so they keep their order; lanes are sent in parallel. A lane
 * rests after a failure, for a time that grows with each. A receiver that does not answer, or fails for many lanes in a row, gets one message at a
 * time, after pauses that grow too: so a dead receiver costs one attempt in a while, however much waits for it.
 */
final class WebhookQueue {
    /** Messages that are sent at the same time. */
    static final int AT_ONCE = 8;

    /** A message is dropped after so long. */
    static final long MAX_AGE_MILLIS = 24 * 60 * 60 * 1_000L;

    static final long FIRST_PAUSE_NANOS = 1_000_000_000L;

    /** The longest pause; a receiver that is back gets its events after it at the latest, and half of it more by the jitter. */
    static final long MAX_PAUSE_NANOS = 300_000_000_000L;

    private static final int MAX_PAUSE_SHIFT = 9;

    /** So many lanes that fail without a success between are taken for a receiver in trouble. */
    private static final int FAILING_LANES = 8;

    /** The messages of one subject. */
    private static final class Lane {
        private final Deque<WebhookMessage> messages = new ArrayDeque<>(2);
        /** In a row. */
        private int failures;

        private long restsUntilNanos;
    }

    private final long maxBytes;
    private final DoubleSupplier random;
    private final Consumer<WebhookMessage> onExpired;
    /** By subject; none is empty. */
    private final Map<String, Lane> lanes = new HashMap<>();
    /** Lanes whose first message may be sent; the one that has waited longest is the first. */
    private final Set<Lane> ready = new LinkedHashSet<>();

    private final PriorityQueue<Lane> resting = new PriorityQueue<>(WebhookQueue::compareRest);

    private long bytes;
    private int inFlight;
    /** Messages that may be in flight at this time. */
    private int window = AT_ONCE;
    /** Lanes that have failed since the last success, at most {@link #FAILING_LANES}. */
    private final Set<Lane> failing = new HashSet<>();
    /** Failures of the receiver in a row. */
    private int receiverFailures;

    private long pausedUntilNanos;

    /**
     * Is empty.
     *
     * @param maxBytes of all messages
     * @param random returns numbers from 0 to 1, for the jitter
     * @param onExpired is called for each message that is dropped because of its age
     */
    WebhookQueue(long maxBytes, DoubleSupplier random, Consumer<WebhookMessage> onExpired, long nowNanos) {
        this.maxBytes = maxBytes;
        this.random = random;
        this.onExpired = onExpired;
        this.pausedUntilNanos = nowNanos;
    }

    private static int compareRest(Lane one, Lane other) {
        return Long.signum(one.restsUntilNanos - other.restsUntilNanos);
    }

    /** Returns whether a message of so many bytes fits. */
    boolean hasRoom(int more) {
        return bytes + more <= maxBytes;
    }

    /** Adds a message behind all others of its subject. */
    void add(WebhookMessage message) {
        bytes += message.bytes();
        Lane lane = lanes.computeIfAbsent(message.subject(), key -> new Lane());
        lane.messages.add(message);
        if (lane.messages.size() == 1) {
            ready.add(lane);
        }
    }

    /** Returns the next message to send, until it is settled; null if none may be sent now. */
    @Nullable
    WebhookMessage next(long nowNanos, long nowMillis) {
        for (Lane first = resting.peek();
                first != null && nowNanos - first.restsUntilNanos >= 0;
                first = resting.peek()) {
            ready.add(resting.remove());
        }
        if (inFlight >= window || nowNanos - pausedUntilNanos < 0) {
            return null;
        }
        for (Iterator<Lane> all = ready.iterator(); all.hasNext(); ) {
            Lane lane = all.next();
            all.remove();
            WebhookMessage message = firstFresh(lane, nowMillis);
            if (message != null) {
                inFlight++;
                return message;
            }
        }
        return null;
    }

    /** Drops the first messages of a lane that are too old, and returns the next one; null if none is left. */
    private @Nullable WebhookMessage firstFresh(Lane lane, long nowMillis) {
        WebhookMessage first = lane.messages.peek();
        while (first != null && nowMillis - first.createdMillis() >= MAX_AGE_MILLIS) {
            remove(lane, first);
            lane.failures = 0;
            onExpired.accept(first);
            first = lane.messages.peek();
        }
        return first;
    }

    private void remove(Lane lane, WebhookMessage first) {
        lane.messages.remove();
        bytes -= first.bytes();
        if (lane.messages.isEmpty()) {
            lanes.remove(first.subject());
        }
    }

    /** Removes a message that the receiver has; returns false if the queue was cleared meanwhile. */
    boolean delivered(WebhookMessage message) {
        Lane lane = settle(message);
        if (lane == null) {
            return false;
        }
        lane.failures = 0;
        receiverFailures = 0;
        failing.clear();
        window = Math.min(AT_ONCE, window + 1);
        remove(lane, message);
        if (!lane.messages.isEmpty()) {
            ready.add(lane);
        }
        return true;
    }

    /**
     * Sends a message again later.
     *
     * @param isUnreachable whether no message would have arrived
     * @param minPauseNanos for which the receiver has asked; 0 for none
     */
    void failed(WebhookMessage message, boolean isUnreachable, long minPauseNanos, long nowNanos) {
        Lane lane = settle(message);
        if (lane == null) {
            return;
        }
        lane.restsUntilNanos = nowNanos + Math.max(minPauseNanos, pauseNanos(++lane.failures));
        resting.add(lane);
        if (failing.size() < FAILING_LANES) {
            failing.add(lane);
        }
        if (isUnreachable || failing.size() == FAILING_LANES) {
            window = 1;
            pause(minPauseNanos, nowNanos);
        }
    }

    /** Pauses the whole receiver; failures of attempts that were in flight together count once. */
    private void pause(long minPauseNanos, long nowNanos) {
        boolean isPaused = nowNanos - pausedUntilNanos < 0;
        long until = nowNanos + (isPaused ? minPauseNanos : Math.max(minPauseNanos, pauseNanos(++receiverFailures)));
        if (until - pausedUntilNanos > 0) {
            pausedUntilNanos = until;
        }
    }

    /** Ends the flight of a message; returns null if the queue was cleared meanwhile. */
    private @Nullable Lane settle(WebhookMessage message) {
        Lane lane = lanes.get(message.subject());
        WebhookMessage first = lane == null ? null : lane.messages.peek();
        if (lane == null || first == null || first.sequence() != message.sequence()) {
            return null;
        }
        inFlight--;
        return lane;
    }

    /** Returns a pause that doubles with each failure, half of it to one and a half by chance, so that many servers do not come back together. */
    private long pauseNanos(int failures) {
        long pause = Math.min(MAX_PAUSE_NANOS, FIRST_PAUSE_NANOS << Math.min(failures - 1, MAX_PAUSE_SHIFT));
        return (long) (pause * (0.5 + random.getAsDouble()));
    }

    /** Drops all messages. */
    void clear() {
        lanes.clear();
        ready.clear();
        resting.clear();
        failing.clear();
        bytes = 0;
        inFlight = 0;
    }

    /** Returns all messages in the order of their sequence, those in flight too. */
    List<WebhookMessage> all() {
        return lanes.values().stream()
                .flatMap(lane -> lane.messages.stream())
                .sorted(Comparator.comparingLong(WebhookMessage::sequence))
                .toList();
    }

    boolean isEmpty() {
        return lanes.isEmpty();
    }

    /** Returns the bytes of all messages. */
    long bytes() {
        return bytes;
    }

    /** Returns whether the receiver fails. */
    boolean isReceiverFailing() {
        return receiverFailures > 0;
    }
}
