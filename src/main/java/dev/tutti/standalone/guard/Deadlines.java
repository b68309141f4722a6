package dev.tutti.standalone.guard;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Expires requests and messages that take too long to arrive. Safe for any thread.
 *
 * <p>One scan of all deadlines every {@value #SCAN_MILLIS} ms costs less than a timer for each, and makes moving a deadline free.
 */
public final class Deadlines {
    private static final Logger LOG = System.getLogger(Deadlines.class.getName());

    private static final long SCAN_MILLIS = 200;

    /** Something with a deadline. Both methods run on the scheduler's thread. */
    interface Timed {
        /** Returns the deadline on the clock of these deadlines. */
        long deadlineNanos();

        /** Handles the expiry. Called once. */
        void expire();
    }

    private final Set<Timed> pending = ConcurrentHashMap.newKeySet();
    private final LongSupplier nanoTime;

    public Deadlines(ScheduledExecutorService scheduler, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        var unused = scheduler.scheduleWithFixedDelay(this::expireDue, SCAN_MILLIS, SCAN_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Returns a deadline {@code seconds} from now, less one scan period: it expires no later than that. */
    long inSeconds(int seconds) {
        return nanoTime.getAsLong() + TimeUnit.SECONDS.toNanos(seconds) - TimeUnit.MILLISECONDS.toNanos(SCAN_MILLIS);
    }

    void add(Timed timed) {
        pending.add(timed);
    }

    void remove(Timed timed) {
        pending.remove(timed);
    }

    private void expireDue() {
        long now = nanoTime.getAsLong();
        Iterator<Timed> timeds = pending.iterator();
        while (timeds.hasNext()) {
            Timed timed = timeds.next();
            if (timed.deadlineNanos() - now <= 0) {
                timeds.remove();
                try {
                    timed.expire();
                } catch (RuntimeException e) { // would cancel all further scans
                    LOG.log(Level.ERROR, "expiring a connection failed", e);
                }
            }
        }
    }
}
