package dev.tutti.rate;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * A rate for each of many keys, such as addresses: an average, and a burst of {@value #BURST_SECONDS} seconds of it. Safe for any thread.
 *
 * <p>It has one bucket for each key that is not empty, up to {@value #MAX_KEYS}; all keys beyond share one more.
 */
public final class RateByKey {
    /** How long the average may be exceeded at any speed. */
    public static final int BURST_SECONDS = 2;

    static final int MAX_KEYS = 100_000;

    private static final long SECOND_NANOS = 1_000_000_000L;

    private final long intervalNanos;
    private final long toleranceNanos = BURST_SECONDS * SECOND_NANOS;
    private final ConcurrentMap<String, LeakyBucket> buckets = new ConcurrentHashMap<>();
    private final LeakyBucket ofOtherKeys;

    /** @param perSecond items of one key, from 1 */
    public RateByKey(int perSecond, long nowNanos) {
        this.intervalNanos = SECOND_NANOS / perSecond;
        this.ofOtherKeys = new LeakyBucket(nowNanos);
    }

    /** Returns whether a key has used up its rate. */
    public boolean isExceeded(String key, long nowNanos) {
        LeakyBucket bucket = buckets.get(key);
        if (bucket == null) {
            bucket = ofOtherKeys;
        }
        synchronized (bucket) {
            return bucket.level(nowNanos) >= toleranceNanos;
        }
    }

    /** Adds an item of a key, whether its rate is used up or not; {@code weight} is 1 for a whole item. */
    public void add(String key, double weight, long nowNanos) {
        LeakyBucket bucket = buckets.size() < MAX_KEYS
                ? buckets.computeIfAbsent(key, absent -> new LeakyBucket(nowNanos))
                : buckets.getOrDefault(key, ofOtherKeys);
        synchronized (bucket) {
            bucket.add((long) (intervalNanos * weight), nowNanos);
        }
    }

    /** Forgets the keys whose buckets are empty. An item that another thread adds meanwhile may be forgotten with them. */
    public void forgetIdle(long nowNanos) {
        buckets.values().removeIf(bucket -> {
            synchronized (bucket) {
                return bucket.level(nowNanos) == 0;
            }
        });
    }

    int keys() {
        return buckets.size();
    }
}
