package dev.tutti.rate;

/**
 * The state of a rate: the time at which a leaky bucket will be empty. The owner chooses the time that an item takes to leak out, and the level
 * that it tolerates. Guarded by its owner.
 *
 * <p>Source: the generic cell rate algorithm (ITU-T I.371, annex A).
 */
public final class LeakyBucket {
    private long emptyAtNanos;

    /** Makes an empty bucket. */
    public LeakyBucket(long nowNanos) {
        emptyAtNanos = nowNanos;
    }

    /** Returns the time in nanoseconds until the bucket is empty. */
    public long level(long nowNanos) {
        return Math.max(0, emptyAtNanos - nowNanos);
    }

    /** Adds an item that takes {@code nanos} to leak out. Returns the new {@link #level}. */
    public long add(long nanos, long nowNanos) {
        long level = level(nowNanos) + nanos;
        emptyAtNanos = nowNanos + level;
        return level;
    }
}
