package dev.tutti;

import dev.tutti.hub.Faults;
import dev.tutti.security.Permissions;
import dev.tutti.webhook.Webhooks;
import java.lang.System.Logger;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of an application: daemons whose names begin with {@code tutti-} (docs/concurrency.md). Executors drop tasks that come after
 * {@link #stop}. Safe for any thread.
 */
final class Threads {
    private static final Logger LOG = System.getLogger(Threads.class.getName());

    /** Closes that may wait for a peer at once, for a second at most each; more of them wait for a thread. */
    private static final int CLOSE_THREADS = 32;

    /** Pings that may be written at once; one waits only if its peer has filled the connection to the last byte. */
    private static final int PING_THREADS = 8;

    /** One fetches keys, which may take seconds; meanwhile the other one looks at files. */
    private static final int BACKGROUND_THREADS = 2;

    /** Questions that an application's policy may be asked at once, and whose threads it may block. */
    private static final int POLICY_THREADS = Permissions.QUESTIONS_AT_ONCE;

    /** Listeners of the application that may run at once; more of them wait for a thread. */
    private static final int OBSERVER_THREADS = 8;

    /** Webhooks that may be sent at once, and one for their queue. */
    private static final int WEBHOOK_THREADS = Webhooks.THREADS;

    /** Fewest threads that write in containers: while the peer of one does not read, another goes on. */
    private static final int MIN_WRITER_THREADS = 2;

    private static final int IDLE_SECONDS = 5;

    /** How long {@link #stop} waits for threads: longer than idle ones take to end, shorter than a close that waits for its peer. */
    private static final int STOP_MILLIS = 200;

    /** The threads that may still run. */
    private final Set<Thread> started = ConcurrentHashMap.newKeySet();

    private final int processors = Runtime.getRuntime().availableProcessors();
    private final ThreadPoolExecutor rooms = pool(processors, "tutti-room-");
    private final int writerThreads = Math.max(MIN_WRITER_THREADS, processors);
    private final ThreadPoolExecutor writers = idling(pool(writerThreads, "tutti-write-"));
    private final ThreadPoolExecutor closes = idling(pool(CLOSE_THREADS, "tutti-close-"));
    private final ThreadPoolExecutor pings = idling(pool(PING_THREADS, "tutti-ping-"));
    private final ThreadPoolExecutor background = idling(pool(BACKGROUND_THREADS, "tutti-background-"));
    private final ThreadPoolExecutor policies = idling(pool(POLICY_THREADS, "tutti-policy-"));
    private final ThreadPoolExecutor observers = idling(pool(OBSERVER_THREADS, "tutti-observer-"));
    private final ThreadPoolExecutor webhooks = idling(pool(WEBHOOK_THREADS, "tutti-webhook-"));
    private final ScheduledThreadPoolExecutor clock =
            new ScheduledThreadPoolExecutor(1, factory("tutti-clock-"), new ThreadPoolExecutor.DiscardPolicy());

    /** Returns the number of threads of {@link #rooms}: one for each processor. */
    int roomThreads() {
        return processors;
    }

    /** Returns the executor of rooms and documents, whose tasks do not block. */
    Executor rooms() {
        return rooms;
    }

    /** Returns the number of threads of {@link #writers}. */
    int writerThreads() {
        return writerThreads;
    }

    /** Returns the executor of blocking writes in containers. */
    Executor writers() {
        return writers;
    }

    /** Returns the executor of closes in containers, which may wait for a peer. */
    Executor closes() {
        return closes;
    }

    /** Returns the executor of pings in containers, which do not wait for closes. */
    Executor pings() {
        return pings;
    }

    /** Returns the executor that fetches the keys of tokens and reads changed files, which may block. */
    Executor background() {
        return background;
    }

    /** Returns the executor that asks an application about rights, which may block. */
    Executor policies() {
        return policies;
    }

    /** Returns the executor of the application's listeners, which may block. */
    Executor observers() {
        return observers;
    }

    /** Returns the executor of webhooks, which write to the disk and wait for their receiver. */
    Executor webhooks() {
        return webhooks;
    }

    /** Runs a task once after a delay, on the clock's thread; it must not block. */
    void schedule(Runnable task, long delayNanos) {
        var unused = clock.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    /** Runs a task again and again on the clock's thread; it must not block. A failure is logged, and does not end the repetition. */
    void repeat(Runnable task, long periodMillis) {
        Runnable guarded = () -> Faults.guard(LOG, "a task of the clock failed", task);
        var unused = clock.scheduleWithFixedDelay(guarded, periodMillis, periodMillis, TimeUnit.MILLISECONDS);
    }

    /**
     * Ends all threads. It waits a little for them, because a container reports a thread as a leak if it is still about to end, as it may be
     * when its pool has terminated.
     */
    void stop() throws InterruptedException {
        for (ThreadPoolExecutor pool : new ThreadPoolExecutor[] {
            clock, closes, pings, background, policies, writers, observers, webhooks, rooms
        }) {
            pool.shutdownNow();
        }
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STOP_MILLIS);
        for (Thread thread : started) {
            TimeUnit.NANOSECONDS.timedJoin(thread, end - System.nanoTime());
        }
    }

    private ThreadPoolExecutor pool(int size, String prefix) {
        return new ThreadPoolExecutor(
                size,
                size,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                factory(prefix),
                new ThreadPoolExecutor.DiscardPolicy());
    }

    /** Lets the threads of a pool end when they are idle. */
    private static ThreadPoolExecutor idling(ThreadPoolExecutor pool) {
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private ThreadFactory factory(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + count.incrementAndGet());
            thread.setDaemon(true);
            started.removeIf(other -> other.getState() == Thread.State.TERMINATED);
            started.add(thread);
            return thread;
        };
    }
}
