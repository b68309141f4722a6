package dev.tutti.webhook;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** The counts of webhooks. Safe for any thread. */
public final class WebhookCounts {
    private final LongAdder delivered = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    /** Dropped events that no message to the receiver has reported. */
    private final AtomicLong unreported = new AtomicLong();

    private volatile long queuedBytes;

    /** Begins at zero. */
    public WebhookCounts() {}

    /** Returns the number of delivered messages. */
    public long delivered() {
        return delivered.sum();
    }

    /** Returns the number of attempts that have failed. */
    public long failed() {
        return failed.sum();
    }

    /** Returns the number of events that were dropped. */
    public long dropped() {
        return dropped.sum();
    }

    /** Returns the bytes of the messages that wait. */
    public long queuedBytes() {
        return queuedBytes;
    }

    void countDelivered() {
        delivered.increment();
    }

    void countFailed() {
        failed.increment();
    }

    void countDropped(long count) {
        dropped.add(count);
        unreported.addAndGet(count);
    }

    long unreported() {
        return unreported.get();
    }

    void reported(long count) {
        unreported.addAndGet(-count);
    }

    void setQueuedBytes(long bytes) {
        queuedBytes = bytes;
    }
}
