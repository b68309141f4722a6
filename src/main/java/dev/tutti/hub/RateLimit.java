package dev.tutti.hub;

import dev.tutti.rate.LeakyBucket;

/** The message rate of a client: an average per second, and a burst. Guarded by its client. */
final class RateLimit {
    private final long intervalNanos;
    private final long toleranceNanos;
    private final LeakyBucket bucket;

    /** Makes the rate of a new client. */
    RateLimit(Limits limits, long nowNanos) {
        int perSecond = limits.maxMessagesPerSecond();
        intervalNanos = perSecond == 0 ? 0 : 1_000_000_000L / perSecond;
        toleranceNanos = intervalNanos * (limits.maxMessageBurst() - 1L);
        bucket = new LeakyBucket(nowNanos);
    }

    /** Takes a permit for one message; false if there is none. */
    boolean tryAcquire(long nowNanos) {
        if (bucket.level(nowNanos) > toleranceNanos) {
            return false;
        }
        bucket.add(intervalNanos, nowNanos);
        return true;
    }
}
