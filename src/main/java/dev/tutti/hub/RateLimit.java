package dev.tutti.hub;

/**
 * The message rate of a client: an average per second, and a burst. Guarded by its client.
 *
 * <p>The generic cell rate algorithm (ITU-T I.371, annex A): its only state is the time at which the leaky bucket will be empty.
 */
final class RateLimit {
    private final long intervalNanos;
    private final long toleranceNanos;
    private long emptyAtNanos;

    /** Makes the rate of a new client. */
    RateLimit(Limits limits, long nowNanos) {
        int perSecond = limits.maxMessagesPerSecond();
        intervalNanos = perSecond == 0 ? 0 : 1_000_000_000L / perSecond;
        toleranceNanos = intervalNanos * (limits.maxMessageBurst() - 1L);
        emptyAtNanos = nowNanos;
    }

    /** Takes a permit for one message; false if there is none. */
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
