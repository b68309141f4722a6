package dev.tutti.webhook;

import dev.tutti.event.Event;
import dev.tutti.hub.Mailbox;
import dev.tutti.hub.TimeSource;
import dev.tutti.webhook.DeliveryOutcome.Kind;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The run of {@link Webhooks}: makes messages of events, and decides when each is sent. All but {@link #isDue} is confined to it. */
final class WebhookRun implements Mailbox.Owner<WebhookSignal> {
    private static final Logger LOG = System.getLogger(Webhooks.class.getName());

    /** Bits of the random part of an id, which make 13 characters. */
    private static final int ID_BITS = 64;

    private final String receiver;
    private final WebhookCounts counts;
    private final TimeSource time;
    private final Consumer<WebhookMessage> attempt;
    /** Null if the queue is in memory only. */
    private final @Nullable WebhookJournal journal;

    private final WebhookQueue queue;
    private final WebhookLog log;
    private final String idPrefix =
            "evt_" + new BigInteger(ID_BITS, new SecureRandom()).toString(Character.MAX_RADIX) + '-';
    private long lastSequence;
    private @Nullable CountDownLatch drained;
    private boolean isGone;
    private boolean isClosed;

    /** The clock must ask for a run. */
    private volatile boolean isDue = true;

    /**
     * Begins with messages that wait from before.
     *
     * @param receiver for the log
     * @param attempt sends a message on another thread; {@link WebhookSignal.Attempted} must follow
     */
    WebhookRun(
            String receiver,
            long queueBytes,
            List<WebhookMessage> waiting,
            @Nullable WebhookJournal journal,
            WebhookCounts counts,
            TimeSource time,
            Consumer<WebhookMessage> attempt) {
        this.receiver = receiver;
        this.counts = counts;
        this.time = time;
        this.attempt = attempt;
        this.journal = journal;
        this.log = new WebhookLog(receiver, counts);
        this.queue = new WebhookQueue(
                queueBytes, () -> ThreadLocalRandom.current().nextDouble(), this::expired, time.nanos());
        for (WebhookMessage message : waiting) {
            queue.add(message);
            lastSequence = message.sequence();
        }
        counts.setQueuedBytes(queue.bytes());
    }

    /** Returns whether the clock must ask for a run. Any thread. */
    boolean isDue() {
        return isDue || counts.unreported() > 0;
    }

    private void expired(WebhookMessage message) {
        counts.countDropped(1);
        settle(message);
    }

    private void settle(WebhookMessage message) {
        if (journal != null) {
            journal.settle(message);
        }
    }

    @Override
    public int bytesOf(WebhookSignal signal) {
        return signal.bytes();
    }

    @Override
    public void handle(WebhookSignal signal) {
        if (isClosed) {
            return;
        }
        if (signal instanceof WebhookSignal.Happened happened) {
            happened(happened.event());
        } else if (signal instanceof WebhookSignal.Attempted attempted) {
            attempted(attempted.message(), attempted.outcome());
        } else if (signal instanceof WebhookSignal.Tick) {
            tick();
        } else if (signal instanceof WebhookSignal.Drain drain) {
            drained = drain.done();
        } else if (signal instanceof WebhookSignal.Close close) {
            close(close.done());
        }
    }

    private void happened(Event event) {
        String subject = event.subject().kind() + ":" + event.subject().name();
        if (!add(subject, event.timeMillis(), EventJson.of(event))) {
            counts.countDropped(1);
        }
    }

    /** Returns false, and adds nothing, if the queue is full or the receiver is gone. */
    private boolean add(String subject, long timeMillis, byte[] body) {
        String id = idPrefix + Long.toString(lastSequence + 1, Character.MAX_RADIX);
        WebhookMessage message = new WebhookMessage(lastSequence + 1, id, subject, timeMillis, body);
        if (isGone || !queue.hasRoom(message.bytes())) {
            return false;
        }
        lastSequence++;
        queue.add(message);
        if (journal != null) {
            journal.add(message);
        }
        return true;
    }

    private void attempted(WebhookMessage message, DeliveryOutcome outcome) {
        if (outcome.kind() == Kind.DELIVERED) {
            counts.countDelivered();
            if (queue.delivered(message)) {
                settle(message);
            }
            return;
        }
        counts.countFailed();
        log.failed(outcome.reason());
        if (outcome.kind() == Kind.GONE) {
            end();
        } else {
            queue.failed(message, outcome.kind() == Kind.UNREACHABLE, outcome.pauseNanos(), time.nanos());
        }
    }

    /** The receiver wants no more messages. */
    private void end() {
        if (!isGone) {
            isGone = true;
            List<WebhookMessage> waiting = queue.all();
            waiting.forEach(this::settle);
            queue.clear();
            counts.countDropped(waiting.size());
            LOG.log(
                    Level.WARNING,
                    "{0} answers 410 Gone: {1} events were dropped, and no more are sent until the next start",
                    receiver,
                    waiting.size());
        }
    }

    /** Reports dropped events to the receiver when there is room again, and to the log. */
    private void tick() {
        long unreported = counts.unreported();
        if (unreported > 0
                && (isGone || add(EventJson.DROPPED, time.millis(), EventJson.dropped(unreported, time.millis())))) {
            counts.reported(unreported);
        }
        if (journal != null) {
            journal.sync(time.nanos());
        }
        log.write(time.nanos());
    }

    private void close(CountDownLatch done) {
        isClosed = true;
        isDue = false;
        if (journal != null) {
            journal.write(queue, time.nanos());
            journal.close(time.nanos());
        }
        done.countDown();
    }

    @Override
    public void endRun() {
        if (isClosed) {
            return;
        }
        if (journal != null) {
            journal.write(queue, time.nanos());
        }
        long nowNanos = time.nanos();
        long nowMillis = time.millis();
        for (WebhookMessage next = queue.next(nowNanos, nowMillis);
                next != null;
                next = queue.next(nowNanos, nowMillis)) {
            attempt.accept(next);
        }
        counts.setQueuedBytes(queue.bytes());
        if (drained != null && (queue.isEmpty() || queue.isReceiverFailing())) {
            drained.countDown();
        }
        isDue = !queue.isEmpty() || log.isDue() || (journal != null && journal.isDirty());
    }
}
