package dev.tutti.document;

import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Timer;
import java.util.concurrent.Executor;

/**
 * Decides when and on which thread a document runs. The receiving thread runs small requests of small documents itself, which costs less
 * than to wake another thread. A document pauses after a broadcast to many members, or of many bytes. Safe for any thread; the run alone
 * writes.
 */
final class RunPacing {
    private static final int MAX_INLINE_MEMBERS = 8;
    private static final int MAX_INLINE_BYTES = 4 * 1024;

    /**
     * Pause after a broadcast, for each member. An offer to a member costs about 8 µs, so a document takes at most a fifth of a processor,
     * and the next broadcast merges the updates of the pause: 2 ms with 50 members.
     */
    private static final long PAUSE_NANOS_PER_MEMBER = 40_000;

    private static final int MIN_PAUSING_MEMBERS = 16;

    /** The same for each byte that a broadcast sends to a member: the copy into a socket takes about 0.4 ns. */
    private static final long PAUSE_NANOS_PER_BYTE = 2;

    /** A broadcast of fewer bytes to all members together needs no pause for them. */
    private static final long MIN_PAUSING_BYTES = 1 << 20;

    /** Upper bound of a pause: an imperceptible delay. */
    private static final long MAX_PAUSE_NANOS = 25_000_000;

    private final Executor executor;
    private final Timer timer;
    private final TimeSource time;

    /** No run starts earlier. */
    private volatile long pauseEndNanos;

    private volatile int members;

    RunPacing(Executor executor, Timer timer, TimeSource time) {
        this.executor = executor;
        this.timer = timer;
        this.time = time;
        this.pauseEndNanos = time.nanos();
    }

    /** Runs on the executor once the pause is over. */
    void execute(Runnable run) {
        long pause = pauseNanos();
        if (pause <= 0) {
            executor.execute(run);
        } else {
            timer.schedule(() -> executor.execute(run), pause);
        }
    }

    /** Returns whether the receiving thread may run a request of so many bytes itself. */
    boolean mayRunInline(int bytes) {
        return bytes <= MAX_INLINE_BYTES && members <= MAX_INLINE_MEMBERS && pauseNanos() <= 0;
    }

    private long pauseNanos() {
        return pauseEndNanos - time.nanos();
    }

    /**
     * A broadcast goes to so many members in this run.
     *
     * @param bytes of the broadcast for each of them
     */
    void pauseAfterBroadcast(int receivers, long bytes, long nowNanos) {
        long sent = receivers * bytes;
        long pause = (receivers >= MIN_PAUSING_MEMBERS ? PAUSE_NANOS_PER_MEMBER * receivers : 0)
                + (sent >= MIN_PAUSING_BYTES ? PAUSE_NANOS_PER_BYTE * sent : 0);
        if (pause > 0) {
            pauseEndNanos = nowNanos + Math.min(MAX_PAUSE_NANOS, pause);
        }
    }

    /** Sets the number of members at the end of a run. */
    void setMembers(int count) {
        members = count;
    }

    /** Returns the number of members at the end of the last run. */
    int members() {
        return members;
    }
}
