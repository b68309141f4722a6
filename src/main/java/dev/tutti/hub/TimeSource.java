package dev.tutti.hub;

/** A clock. Safe for any thread. */
public interface TimeSource {
    /** The clock of the system. */
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

    /** Returns nanoseconds since an arbitrary origin, which never go back: for durations. */
    long nanos();

    /** Returns milliseconds since 1970, which may jump: for display. */
    long millis();
}
