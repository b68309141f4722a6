package dev.tutti.store.queue;

import dev.tutti.document.DocumentMetrics;
import dev.tutti.document.StoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A queue of changes and the thread that writes them in order. The thread takes all waiting changes, commits them at once, and then completes
 * the future of each. While it commits, the next changes wait: the slower the disk, the larger the groups. Safe for any thread.
 */
final class GroupCommit implements AutoCloseable {
    private static final Logger LOG = System.getLogger(GroupCommit.class.getName());

    /** Upper bound of the bytes that wait or are being written; further changes fail at once. */
    static final long MAX_WAITING_BYTES = 64L << 20;

    /** Upper bound of the bytes in one commit, about a tenth of a second for a disk: the first change need not wait for the last. */
    private static final long MAX_GROUP_BYTES = 8L << 20;

    /** Time to the next maintenance after one that failed because the backend cannot write. */
    private static final long RETRY_MILLIS = 1_000;

    /** The same after any other failure. */
    private static final long DEFECT_RETRY_MILLIS = 10_000;

    /** 73 years: far enough, and no sum with it overflows. */
    private static final long FOREVER_NANOS = Long.MAX_VALUE / 4;

    private final Backend backend;
    private final LongSupplier nanoTime;
    private final long maxWaitingBytes;
    private final Thread writer;
    private volatile DocumentMetrics metrics = DocumentMetrics.NONE;

    // Guarded by this.
    private final Queue<Change> waiting = new ArrayDeque<>();
    /** Bytes of the waiting changes and of the group that is being written. */
    private long waitingBytes;

    private boolean closed;

    /**
     * Starts the thread.
     *
     * @param nanoTime returns nanoseconds from any origin, for durations
     */
    GroupCommit(Backend backend, LongSupplier nanoTime) {
        this(backend, nanoTime, MAX_WAITING_BYTES);
    }

    GroupCommit(Backend backend, LongSupplier nanoTime, long maxWaitingBytes) {
        this.backend = backend;
        this.nanoTime = nanoTime;
        this.maxWaitingBytes = maxWaitingBytes;
        writer = new Thread(this::run, "tutti-store-write");
        writer.setDaemon(true);
        writer.start();
    }

    /** Adds a change. The writer's thread completes the future, and runs its dependents before the next group: they must not block. */
    CompletableFuture<Change> add(Change change) {
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(new StoreException("the store is closed"));
            }
            // a change larger than the bound is accepted while no other waits
            if (waitingBytes > 0 && waitingBytes + change.bytes() > maxWaitingBytes) {
                return CompletableFuture.failedFuture(new StoreException("too much waits to be stored"));
            }
            waiting.add(change);
            waitingBytes += change.bytes();
            notifyAll();
        }
        return change.done;
    }

    void setMetrics(DocumentMetrics receiver) {
        metrics = receiver;
    }

    /** Returns the bytes of the waiting changes and of the group that is being written. */
    synchronized long waitingBytes() {
        return waitingBytes;
    }

    /** Writes all waiting changes, and waits until the backend is closed. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        boolean interrupted = false;
        while (writer.isAlive() && Thread.currentThread() != writer) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true; // the waiting changes are written all the same
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (true) {
                List<Change> group = take();
                if (group.isEmpty()) {
                    return;
                }
                commit(group);
            }
        } catch (InterruptedException e) {
            throw new AssertionError("the writer's thread is never interrupted", e);
        } finally {
            backend.close();
        }
    }

    /** Waits for the next group, with maintenance meanwhile. Returns an empty group when this is closed. */
    private List<Change> take() throws InterruptedException {
        long untilNanos = nanoTime.getAsLong();
        while (true) {
            synchronized (this) {
                long leftMillis;
                while (waiting.isEmpty()
                        && !closed
                        && (leftMillis = (untilNanos - nanoTime.getAsLong() + 999_999) / 1_000_000) > 0) {
                    wait(leftMillis);
                }
                if (!waiting.isEmpty() || closed) {
                    return takeWaiting();
                }
            }
            long waitNanos = TimeUnit.MILLISECONDS.toNanos(Math.max(1, maintain()));
            untilNanos = nanoTime.getAsLong() + Math.min(waitNanos, FOREVER_NANOS);
        }
    }

    private List<Change> takeWaiting() {
        List<Change> group = new ArrayList<>(Math.min(waiting.size(), Backend.MAX_CHANGES));
        long bytes = 0;
        Change next;
        while ((next = waiting.peek()) != null
                && group.size() < Backend.MAX_CHANGES
                && (group.isEmpty() || bytes + next.bytes() <= MAX_GROUP_BYTES)) {
            group.add(next);
            bytes += next.bytes();
            waiting.remove();
        }
        return group;
    }

    private void commit(List<Change> group) {
        StoreException failure = null;
        long began = nanoTime.getAsLong();
        try {
            backend.commit(group);
        } catch (StoreException e) {
            failure = e;
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "the store failed to write; it goes on with the next changes", e);
            failure = new StoreException("documents cannot be stored", e);
        }
        synchronized (this) {
            for (Change change : group) {
                waitingBytes -= change.bytes();
            }
        }
        if (failure == null) {
            metrics.committed(group.size(), nanoTime.getAsLong() - began);
        } else {
            metrics.commitFailed();
        }
        for (Change change : group) {
            if (failure == null) {
                change.done.complete(change);
            } else {
                change.done.completeExceptionally(failure);
            }
        }
    }

    private long maintain() {
        try {
            return backend.maintain();
        } catch (StoreException e) {
            return RETRY_MILLIS; // the backend has logged it
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "the store failed to do its maintenance; it tries again in some seconds", e);
            return DEFECT_RETRY_MILLIS;
        }
    }
}
