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
 * Ends what takes too long before it is a WebSocket. Safe for any thread.
 *
 * <p>One look at all of them, several times a second, costs less than a timer for each, and moving a deadline costs nothing.
 */
public final class Deadlines {
    private static final Logger LOG = System.getLogger(Deadlines.class.getName());

    private static final long LOOK_MILLIS = 200;

    /** Something with a deadline; both are called on the clock's thread. */
    interface Timed {
        /** When, by the same clock. */
        long deadlineNanos();

        /** The deadline is over. Called once. */
        void expire();
    }

    private final Set<Timed> pending = ConcurrentHashMap.newKeySet();
    private final LongSupplier nanoTime;

    public Deadlines(ScheduledExecutorService clock, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        var unused = clock.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Returns the deadline {@code seconds} from now, early enough for it not to be passed unseen. */
    long inSeconds(int seconds) {
        return nanoTime.getAsLong() + TimeUnit.SECONDS.toNanos(seconds) - TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
    }

    void add(Timed timed) {
        pending.add(timed);
    }

    void remove(Timed timed) {
        pending.remove(timed);
    }

    private void look() {
        long now = nanoTime.getAsLong();
        Iterator<Timed> all = pending.iterator();
        while (all.hasNext()) {
            Timed timed = all.next();
            if (timed.deadlineNanos() - now <= 0) {
                all.remove();
                try {
                    timed.expire();
                } catch (RuntimeException e) { // would end the clock, and with it all deadlines
                    LOG.log(Level.ERROR, "a connection whose deadline was over could not be ended", e);
                }
            }
        }
    }
}
