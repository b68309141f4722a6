package dev.tutti.endpoint;

import dev.tutti.hub.Faults;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.Thread.State;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A few threads that send by blocking calls, on behalf of threads that must not wait. Safe for any thread.
 *
 * <p>Only writes that the network takes at once belong here, but a hostile peer can make one wait. So a check sees when writes wait, none has
 * ended for {@link #CHECK_MILLIS}, and the writers wait for their peers. It then sends the waiting writes without blocking, and suspends
 * the writers for {@link #SUSPENSION_SECONDS}: such peers delay others by two checks at most, once in that time.
 */
public final class BlockingWriters {
    /** A send to one peer. One of the methods is called, once. */
    interface Write {
        /** Sends, and returns when the network has taken everything or the send has failed. */
        void block();

        /** Sends without blocking. */
        void evade();
    }

    static final int CHECK_MILLIS = 20;
    static final int SUSPENSION_SECONDS = 10;

    /** Waiting writes for each writer above which another one starts: about a millisecond of writing. */
    static final int WRITES_PER_WRITER = 256;

    private static final Logger LOG = System.getLogger(BlockingWriters.class.getName());

    private final Executor executor;
    private final int maxWriters;
    private final ObjLongConsumer<Runnable> clock;

    private final Queue<Write> waiting = new ConcurrentLinkedQueue<>();
    /** At least the size of {@link #waiting}. */
    private final AtomicInteger waitingCount = new AtomicInteger();
    /** Writers that run or are about to. */
    private final AtomicInteger writers = new AtomicInteger();
    /** The threads of the writers that run. */
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    /** The number of writes that have ended; wraps around. */
    private final AtomicInteger ended = new AtomicInteger();
    /** A check is scheduled. */
    private final AtomicBoolean checking = new AtomicBoolean();

    private volatile boolean suspended;

    /** {@link #ended} at the last check; confined to the clock. */
    private int endedBefore;

    /**
     * Makes writers without work.
     *
     * @param executor has {@code maxWriters} threads for these writers alone
     * @param clock runs a task once after a delay in nanoseconds, one task at a time
     */
    public BlockingWriters(Executor executor, int maxWriters, ObjLongConsumer<Runnable> clock) {
        this.executor = executor;
        this.maxWriters = maxWriters;
        this.clock = clock;
    }

    /** Hands a write to the writers; false, and nothing happens, if they are suspended. Does not block. */
    boolean offer(Write write) {
        if (suspended) {
            return false;
        }
        waitingCount.incrementAndGet();
        waiting.add(write);
        wake();
        checkLater();
        if (suspended) {
            evadeAll(); // the check may have done so before this write was there
        }
        return true;
    }

    private void wake() {
        int running = writers.get();
        boolean needed = waitingCount.get() > running * WRITES_PER_WRITER;
        if (needed && running < maxWriters && writers.compareAndSet(running, running + 1)) {
            executor.execute(this::run);
        }
    }

    /** One writer, until nothing waits. */
    private void run() {
        Thread thread = Thread.currentThread();
        threads.add(thread);
        for (Write write = poll(); write != null; write = poll()) {
            Faults.guard(LOG, "a write failed", write::block);
            ended.incrementAndGet();
        }
        threads.remove(thread);
        writers.decrementAndGet();
        wake(); // a write may have been added since the last poll
    }

    private @Nullable Write poll() {
        Write write = waiting.poll();
        if (write != null) {
            waitingCount.decrementAndGet();
        }
        return write;
    }

    private void checkLater() {
        if (!checking.get() && checking.compareAndSet(false, true)) {
            clock.accept(this::check, TimeUnit.MILLISECONDS.toNanos(CHECK_MILLIS));
        }
    }

    private void check() {
        int endedNow = ended.get();
        boolean progress = endedNow != endedBefore;
        endedBefore = endedNow;
        if (!progress && !waiting.isEmpty() && writersWait()) {
            suspend();
        }
        checking.set(false);
        if (!waiting.isEmpty()) {
            checkLater();
        }
    }

    /** Returns whether each writer waits for its peer; one that waits for a processor is runnable. */
    private boolean writersWait() {
        return !threads.isEmpty() && threads.stream().map(Thread::getState).allMatch(BlockingWriters::isWaiting);
    }

    private static boolean isWaiting(State state) {
        return state == State.TIMED_WAITING || state == State.WAITING;
    }

    private void suspend() {
        LOG.log(
                Level.INFO,
                "peers that do not read make all writers wait; sends do not use them for {0} seconds",
                SUSPENSION_SECONDS);
        suspended = true;
        evadeAll();
        clock.accept(this::resume, TimeUnit.SECONDS.toNanos(SUSPENSION_SECONDS));
    }

    private void resume() {
        suspended = false;
    }

    private void evadeAll() {
        for (Write write = poll(); write != null; write = poll()) {
            Faults.guard(LOG, "a write failed", write::evade);
        }
    }
}
