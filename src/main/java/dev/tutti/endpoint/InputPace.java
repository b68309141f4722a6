package dev.tutti.endpoint;

import dev.tutti.hub.TimeSource;
import dev.tutti.rate.LeakyBucket;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The rate at which a container reads long messages, of all sessions together. Safe for any thread.
 *
 * <p>Tomcat reads each connection on a thread of its own, and passes on a long message in parts. With a hundred senders, a hundred threads
 * share the processors with the few that serve everybody else. So the thread that brings a part waits until the rate allows it. A waiting
 * thread is missing in the container's pool: only a few may wait, and the sender of one more is refused.
 */
final class InputPace {
    /** Bytes a second for each processor: reading them takes Tomcat about an eighth of its time (8 ns a byte). */
    static final int BYTES_PER_SECOND = 16 << 20;

    /** Bytes that pass without waiting after a pause. */
    static final int BURST_BYTES = 1 << 20;

    /** Threads that may wait at once. */
    static final int MAX_WAITING = 16;

    /** Threads that may wait at once for the sessions of one address. */
    static final int MAX_WAITING_PER_ADDRESS = MAX_WAITING / 2;

    private static final long PAUSE_NANOS = 1_000_000;

    private final double nanosPerByte;
    private final TimeSource time;
    private final LongConsumer sleep;

    // All below: guarded by this.
    private final LeakyBucket bucket;

    private int waiting;
    /** The threads that wait for sessions of each address; never 0. */
    private final Map<String, Integer> waitingByAddress = new HashMap<>();

    /** @param sleep lets the thread wait for some nanoseconds, or for less */
    InputPace(int processors, TimeSource time, LongConsumer sleep) {
        this.nanosPerByte = 1e9 / BYTES_PER_SECOND / processors;
        this.time = time;
        this.sleep = sleep;
        this.bucket = new LeakyBucket(time.nanos());
    }

    /**
     * Waits until the rate allows these bytes: at most for the parts of {@link #MAX_WAITING} threads, so for milliseconds.
     *
     * @param address empty for a session of the standalone server, which reads on few threads and has guards of its own: it never waits
     * @return false, without waiting, if too many threads wait
     */
    boolean await(String address, int bytes) {
        if (address.isEmpty()) {
            return true;
        }
        long waitNanos;
        synchronized (this) {
            waitNanos = waitNanos();
            if (waitNanos > 0 && !tryEnter(address)) {
                return false;
            }
            bucket.add(nanos(bytes), time.nanos());
        }
        if (waitNanos > 0) {
            try {
                sleep.accept(waitNanos);
            } finally {
                leave(address);
            }
        }
        return true;
    }

    /** Returns whether the rate allows these bytes at once. */
    synchronized boolean tryNow(int bytes) {
        if (waitNanos() > 0) {
            return false;
        }
        bucket.add(nanos(bytes), time.nanos());
        return true;
    }

    /**
     * Waits a millisecond: while the close of a session is under way, its input must not keep that close from the processors.
     *
     * @param address as in {@link #await}
     */
    void pause(String address) {
        if (!address.isEmpty()) {
            sleep.accept(PAUSE_NANOS);
        }
    }

    /** Returns the time until the burst has room again. */
    private long waitNanos() {
        return bucket.level(time.nanos()) - nanos(BURST_BYTES);
    }

    private boolean tryEnter(String address) {
        int fromAddress = waitingByAddress.getOrDefault(address, 0);
        if (waiting >= MAX_WAITING || fromAddress >= MAX_WAITING_PER_ADDRESS) {
            return false;
        }
        waiting++;
        waitingByAddress.put(address, fromAddress + 1);
        return true;
    }

    private synchronized void leave(String address) {
        waiting--;
        waitingByAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }

    private long nanos(int bytes) {
        return (long) (bytes * nanosPerByte);
    }
}
