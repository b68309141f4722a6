package dev.tutti.standalone.guard;

import java.util.function.LongSupplier;

/** Limits the pings and pongs of one client in each period of a second. Confined to one thread. */
final class ControlRate {
    /** Pings and pongs together. */
    static final int MAX_PER_SECOND = 100;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final LongSupplier nanoTime;
    private int count;
    private long periodStartNanos;

    ControlRate(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Counts a frame. Returns false if it is over the limit. */
    boolean tryAcquire() {
        long now = nanoTime.getAsLong();
        if (count == 0 || now - periodStartNanos >= NANOS_PER_SECOND) {
            periodStartNanos = now;
            count = 0;
        }
        return ++count <= MAX_PER_SECOND;
    }
}
