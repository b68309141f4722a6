package dev.tutti.health;

import dev.tutti.hub.TimeSource;

/** A clock that a test advances. Confined to one thread. */
final class FakeClock implements TimeSource {
    private long seconds;

    @Override
    public long nanos() {
        return seconds * 1_000_000_000L;
    }

    @Override
    public long millis() {
        return seconds * 1_000;
    }

    void pass(long more) {
        seconds += more;
    }
}
