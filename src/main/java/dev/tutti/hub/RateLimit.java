package dev.tutti.hub;

/**
 * How many messages a client may send: so many a second on average, and so many at once. Guarded by its client.
 *
 * <p>The generic cell rate algorithm (ITU-T I.371, annex A): one number, the time at which the bucket will have leaked empty.
 */
final class RateLimit {
    private final long intervalNanos;
    private final long toleranceNanos;
    private long emptyAtNanos;

    /** Makes a full allowance of {@code burst}; {@code perSecond} of 0 means no limit. */
    RateLimit(int perSecond, int burst, long nowNanos) {
        intervalNanos = perSecond == 0 ? 0 : 1_000_000_000L / perSecond;
        toleranceNanos = intervalNanos * (burst - 1L);
        emptyAtNanos = nowNanos;
    }

    /** Returns whether one more message is within the limit, and counts it if so. */
    boolean tryAcquire(long nowNanos) {
        if (emptyAtNanos - nowNanos < 0) {
            emptyAtNanos = nowNanos;
        }
        if (emptyAtNanos - nowNanos > toleranceNanos) {
            return false;
        }
        emptyAtNanos += intervalNanos;
        return true;
    }
}
