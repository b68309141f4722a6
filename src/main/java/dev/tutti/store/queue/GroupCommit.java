package dev.tutti.store.queue;

import dev.tutti.document.StoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * Writes changes in the order in which they come: one thread takes all that wait, commits them at once, and only then says so to each that
 * asked. While it commits, others come to wait: the slower the disk, the larger the groups. Safe for any thread.
 */
public final class GroupCommit implements AutoCloseable {
    private static final Logger LOG = System.getLogger(GroupCommit.class.getName());

    /** How much may wait; whoever comes then is refused at once. */
    static final long MAX_WAITING_BYTES = 64L << 20;

    /** How much goes into one commit, so that the first does not wait for the last: about what a disk takes in a tenth of a second. */
    private static final long MAX_GROUP_BYTES = 8L << 20;

    /** How many changes are in one. */
    public static final int MAX_GROUP = 10_000;

    private static final long AGAIN_MILLIS = 1_000;

    /** What commits; called by the writer's thread alone. */
    public interface Target {
        /**
         * Makes changes, in their order, and returns when they would survive.
         *
         * @throws RuntimeException if that is not sure of one of them; then each of them has failed, though it may survive
         */
        void commit(List<Change> changes);

        /** Tidies up a little, when nothing waits. Returns after how many milliseconds it wants to do so again. */
        long idle();

        /** Lets go of everything; the last call. */
        void end();
    }

    private final Target target;
    private final LongSupplier nanoTime;
    private final long maxWaitingBytes;
    private final Thread writer;

    // Guarded by this.
    private final Queue<Change> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean closed;

    public GroupCommit(Target target, String threadName) {
        this(target, threadName, System::nanoTime);
    }

    /**
     * Begins to write.
     *
     * @param nanoTime tells nanoseconds from any origin, for durations
     */
    public GroupCommit(Target target, String threadName, LongSupplier nanoTime) {
        this(target, threadName, nanoTime, MAX_WAITING_BYTES);
    }

    GroupCommit(Target target, String threadName, LongSupplier nanoTime, long maxWaitingBytes) {
        this.target = target;
        this.nanoTime = nanoTime;
        this.maxWaitingBytes = maxWaitingBytes;
        writer = new Thread(this::run, threadName);
        writer.setDaemon(true);
        writer.start();
    }

    /** Has a change made. What it returns is done by the writer, which goes on when whoever waits for that has been told. */
    public CompletableFuture<Change> add(Change change) {
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(new StoreException("the store is closed"));
            }
            // one that is larger than all that may wait is let in when it is alone
            if (waitingBytes > 0 && waitingBytes + change.bytes() > maxWaitingBytes) {
                return CompletableFuture.failedFuture(new StoreException("too much waits to be stored"));
            }
            waiting.add(change);
            waitingBytes += change.bytes();
            notifyAll();
        }
        return change.done;
    }

    /** Makes all changes that wait, and ends. */
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
                interrupted = true; // what is being written is waited for all the same
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
            throw new AssertionError("nobody interrupts the writer", e);
        } finally {
            target.end();
        }
    }

    /** Returns the next group, none when this is closed. */
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
            untilNanos = nanoTime.getAsLong() + Math.max(1, idle()) * 1_000_000;
        }
    }

    private List<Change> takeWaiting() {
        List<Change> group = new ArrayList<>(Math.min(waiting.size(), MAX_GROUP));
        long bytes = 0;
        Change next;
        while ((next = waiting.peek()) != null
                && group.size() < MAX_GROUP
                && (group.isEmpty() || bytes + next.bytes() <= MAX_GROUP_BYTES)) {
            group.add(next);
            bytes += next.bytes();
            waiting.remove();
        }
        return group;
    }

    private void commit(List<Change> group) {
        StoreException failure = null;
        try {
            target.commit(group);
        } catch (StoreException e) {
            failure = e;
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "documents could not be stored", e);
            failure = new StoreException("documents cannot be stored", e);
        }
        synchronized (this) {
            for (Change change : group) {
                waitingBytes -= change.bytes();
            }
        }
        for (Change change : group) {
            if (failure == null) {
                change.done.complete(change);
            } else {
                change.done.completeExceptionally(failure);
            }
        }
    }

    private long idle() {
        try {
            return target.idle();
        } catch (StoreException e) {
            return AGAIN_MILLIS; // the target has said it
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "the store could not be tidied up", e);
            return 10 * AGAIN_MILLIS;
        }
    }
}
