package dev.tutti.rate;

/**
 * How fast a count grows: by how much in the last whole interval of at least {@value #INTERVAL_SECONDS} seconds, for a minute. One thread at a time
 * ticks; any thread reads.
 */
public final class GrowthRate {
    static final int INTERVAL_SECONDS = 5;

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final double MINUTE_NANOS = 60e9;

    // Of the interval under way; confined to the ticks.
    private long startCount;
    private long startNanos;

    private volatile long perMinute;

    /** Begins with a count of 0. */
    public GrowthRate(long nowNanos) {
        startNanos = nowNanos;
    }

    /** Ends the interval if it is long enough. */
    public void tick(long count, long nowNanos) {
        long passed = nowNanos - startNanos;
        if (passed >= INTERVAL_SECONDS * SECOND_NANOS) {
            perMinute = Math.round((count - startCount) * MINUTE_NANOS / passed);
            startCount = count;
            startNanos = nowNanos;
        }
    }

    /** Returns the growth in the last interval, for a minute; 0 before the end of the first. */
    public long perMinute() {
        return perMinute;
    }
}
