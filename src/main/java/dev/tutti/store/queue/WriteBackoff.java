package dev.tutti.store.queue;

import dev.tutti.document.StoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The last failure of a backend's writes, until a commit succeeds. After each failure all writes fail for a while, so that a broken disk or
 * database is not tried for each change; the time doubles with each further failure. Logs the first failure and the recovery. Confined to the
 * writer's thread.
 */
public final class WriteBackoff {
    private final Logger log;
    private final LongSupplier nanos;
    private final long firstWaitNanos;
    private final long maxWaitNanos;

    private @Nullable StoreException failure;
    private long failedNanos;
    private long waitNanos;

    /**
     * Begins without a failure.
     *
     * @param firstWaitNanos how long writes fail after the first failure
     * @param maxWaitNanos how long they fail at most after each further one
     */
    public WriteBackoff(Logger log, LongSupplier nanos, long firstWaitNanos, long maxWaitNanos) {
        this.log = log;
        this.nanos = nanos;
        this.firstWaitNanos = firstWaitNanos;
        this.maxWaitNanos = maxWaitNanos;
    }

    /** Throws the last failure again if writes are not to be tried yet. */
    public void requireElapsed() {
        StoreException last = failure;
        if (last != null && nanos.getAsLong() - failedNanos < waitNanos) {
            throw new StoreException(String.valueOf(last.getMessage()), last);
        }
    }

    /** Notes a failure, and returns it. */
    public StoreException failed(StoreException reported) {
        if (failure == null) {
            log.log(Level.ERROR, "the store cannot write, and tries again: " + reported.getMessage(), reported);
            waitNanos = firstWaitNanos;
        } else {
            waitNanos = Math.min(2 * waitNanos, maxWaitNanos);
        }
        failure = reported;
        failedNanos = nanos.getAsLong();
        return reported;
    }

    /** Notes that a commit has succeeded. */
    public void succeeded() {
        if (failure != null) {
            log.log(Level.INFO, "the store writes again");
            failure = null;
        }
    }

    /** Returns whether no commit has succeeded since the last failure. */
    public boolean isFailing() {
        return failure != null;
    }

    /** Returns whether this is the failure that was noted last. */
    public boolean isLast(Throwable thrown) {
        return thrown == failure;
    }
}
