package dev.tutti.hub;

import java.util.concurrent.atomic.AtomicLong;

/** A clock that a test advances. Safe for any thread. */
final class FakeTime implements TimeSource {
    private static final long SECOND = 1_000_000_000L;
    private static final long START_MILLIS = 1_800_000_000_000L;

    /** A clock may start anywhere. */
    private final AtomicLong nanos = new AtomicLong(-5 * SECOND);

    @Override
    public long nanos() {
        return nanos.get();
    }

    @Override
    public long millis() {
        return START_MILLIS + nanos.get() / 1_000_000;
    }

    void passNanos(long passed) {
        nanos.addAndGet(passed);
    }
}
