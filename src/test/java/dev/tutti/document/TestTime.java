package dev.tutti.document;

import dev.tutti.hub.TimeSource;
import java.time.Duration;

/** A clock that a test advances. Confined to one thread. */
final class TestTime implements TimeSource {
    long nanos;

    /** Returns a clock that shows this time, since it began and since 1970. */
    static TestTime at(Duration time) {
        TestTime clock = new TestTime();
        clock.advance(time);
        return clock;
    }

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
