package dev.tutti.history;

import dev.tutti.hub.TimeSource;

/** A clock that a test advances. Confined to one thread. */
final class TestTime implements TimeSource {
    private static final long START_MILLIS = 1_800_000_000_000L;

    long nanos;

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public long millis() {
        return START_MILLIS + nanos / 1_000_000;
    }
}
