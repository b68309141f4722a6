package dev.tutti.standalone.guard;

import dev.tutti.rate.LeakyBucket;

/**
 * The rate of the bytes that all connections of one address send together. Safe for any thread.
 *
 * <p>Each connection over the limit pauses until the bytes so far would have arrived at the limit, so many connections take turns.
 */
final class InputRate {
    /** Bytes that come faster than the limit for so long pass without a pause. Short, because all of them may be processed at once. */
    static final long BURST_NANOS = 100_000_000;

    /** Shorter pauses add up to one that is worth a timer. */
    static final long MIN_PAUSE_NANOS = 2_000_000;

    /** Upper bound of a pause: the server still reads pongs in time. */
    static final long MAX_PAUSE_NANOS = 1_000_000_000;

    private final double nanosPerByte;

    /** Guarded by this. */
    private final LeakyBucket bucket;

    /** Makes a rate without bytes so far. */
    InputRate(int maxBytesPerSecond, long nowNanos) {
        this.nanosPerByte = 1e9 / maxBytesPerSecond;
        this.bucket = new LeakyBucket(nowNanos);
    }

    /** Counts bytes that a connection has received. Returns the pause before its next read; 0 for none. */
    synchronized long add(int bytes, long nowNanos) {
        long pause = bucket.add((long) (bytes * nanosPerByte), nowNanos) - BURST_NANOS;
        return pause < MIN_PAUSE_NANOS ? 0 : Math.min(pause, MAX_PAUSE_NANOS);
    }
}
