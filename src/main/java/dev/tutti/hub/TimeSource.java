package dev.tutti.hub;

/** Both kinds of time. Safe for any thread. */
public interface TimeSource {
    /** The system's. */
    TimeSource SYSTEM = new TimeSource() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public long millis() {
            return System.currentTimeMillis();
        }
    };

    /** Returns nanoseconds from any origin, which never go back: for durations. */
    long nanos();

    /** Returns milliseconds since 1970, which may jump: for people. */
    long millis();
}
