package dev.tutti.document;

import dev.tutti.hub.TimeSource;
import java.time.Duration;

/** A clock that a test advances. Confined to one thread. */
final class TestTime implements TimeSource {
    long nanos;

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public long millis() {
        return nanos / 1_000_000;
    }

    void advance(Duration duration) {
        nanos += duration.toNanos();
    }
}
