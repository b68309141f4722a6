package dev.tutti.hub;

import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Events for one owner, which handles them in their order in <b>runs</b>, one run at a time. Safe for any thread.
 *
 * <p>A run handles all events that wait and then ends; events that arrive meanwhile wait for the next run. So an idle owner handles an event
 * at once, and a busy one handles many together (natural batching), without a timer. A run that takes longer than {@link #MAX_RUN_NANOS},
 * or is {@link Owner#isRunFull full}, ends early and goes to the end of the executor's queue, so a busy owner cannot starve others.
 *
 * <p>An event that fails is logged, and the next one is handled. A mailbox is bounded: the bytes of its events, by its own limit and by
 * {@link Budget.Share#INPUT}.
 */
public final class Mailbox<E> implements Runnable {
    /** Time after which a run ends, so that other owners get a thread. */
    static final long MAX_RUN_NANOS = 4_000_000L;

    private static final Logger LOG = System.getLogger(Mailbox.class.getName());

    /** The owner of a mailbox. All methods but {@link #bytesOf} are called by the run: one call at a time. */
    public interface Owner<E> {
        /** Returns the bytes of an event that waits; 0 for an event that is always accepted. Called by any thread. */
        int bytesOf(E event);

        /** Begins a run. */
        default void beginRun() {}

        /** Handles one event. */
        void handle(E event);

        /** Returns whether the run must end now, because {@link #endRun} would take too long with more events. Asked after each event. */
        default boolean isRunFull() {
            return false;
        }

        /** Ends a run: every event that came before was handled, or has failed. */
        default void endRun() {}

        /**
         * A run has ended, with {@link #endRun}.
         *
         * @param runNanos from its begin to its end
         * @param latencyNanos from the arrival of its earliest event to its end; 0 without an event
         */
        default void runEnded(long runNanos, long latencyNanos) {}
    }

    /** The result of {@link #offer}. */
    public enum Offer {
        /** Too many bytes wait, here or in all mailboxes together, or the mailbox is closed. */
        REFUSED,
        /** A run is active or scheduled, and will handle the event. */
        QUEUED,
        /** The caller must call {@link #schedule} or {@link #run}. */
        WAKE
    }

    private final String name;
    private final Owner<E> owner;
    private final Executor executor;
    private final TimeSource time;
    private final Budget budget;
    private final long maxBytes;

    // Guarded by this.
    private List<E> inbox = new ArrayList<>();
    private long bytes;
    /** The arrival of the first event in {@link #inbox}: one reading of the clock for each run, not for each event. */
    private long firstNanos;
    /** A run is active or scheduled, or the mailbox is paused. */
    private boolean scheduled;

    private boolean closed;

    // Confined to the run.
    private List<E> taken = new ArrayList<>();
    /** The index of the first event in {@link #taken} that is not handled yet. */
    private int next;
    /** The arrival of the first event in {@link #taken}. */
    private long takenNanos;

    /**
     * Makes an empty mailbox.
     *
     * @param name of the owner, for the log
     * @param executor runs it; must not run a task inside {@code execute}
     * @param maxBytes of the events that wait; 0 means no limit of its own
     */
    public Mailbox(String name, Owner<E> owner, Executor executor, TimeSource time, Budget budget, long maxBytes) {
        this.name = name;
        this.owner = owner;
        this.executor = executor;
        this.time = time;
        this.budget = budget;
        this.maxBytes = maxBytes;
    }

    /** Keeps events waiting until {@link #schedule} is called; only before the first event. */
    public synchronized void pause() {
        scheduled = true;
    }

    /** Adds an event if its bytes fit. */
    public Offer offer(E event) {
        int more = owner.bytesOf(event);
        synchronized (this) {
            if (closed || !fits(more) || (more > 0 && !budget.tryReserve(Budget.Share.INPUT, more, bytes))) {
                return Offer.REFUSED;
            }
            return put(event, more) ? Offer.WAKE : Offer.QUEUED;
        }
    }

    /** Adds an event even if its bytes do not fit; true if the caller must call {@link #schedule} or {@link #run}. */
    boolean add(E event) {
        int more = owner.bytesOf(event);
        synchronized (this) {
            if (closed) {
                return false;
            }
            budget.reserve(Budget.Share.INPUT, more);
            return put(event, more);
        }
    }

    /** Returns whether the budget has room for {@code more} bytes in this mailbox. */
    synchronized boolean hasMemory(int more) {
        return budget.hasRoom(Budget.Share.INPUT, more, bytes);
    }

    /** Returns whether {@code more} bytes fit into this mailbox; does not check the limit of all mailboxes together. */
    synchronized boolean hasRoom(int more) {
        return fits(more);
    }

    private boolean fits(int more) {
        return more == 0 || maxBytes == 0 || bytes + more <= maxBytes;
    }

    private boolean put(E event, int more) {
        if (inbox.isEmpty()) {
            firstNanos = time.nanos();
        }
        inbox.add(event);
        bytes += more;
        boolean idle = !scheduled;
        scheduled = true;
        return idle;
    }

    /** Schedules a run. If the executor fails, the next event schedules one. */
    public void schedule() {
        try {
            executor.execute(this);
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                scheduled = false;
            }
            throw e;
        }
    }

    /** Accepts no more events, and returns those that wait. An active run still handles the events that it has taken. */
    public synchronized List<E> close() {
        closed = true;
        List<E> waiting = inbox;
        inbox = new ArrayList<>();
        long released = 0;
        for (E event : waiting) {
            released += owner.bytesOf(event);
        }
        release(released);
        return waiting;
    }

    /** One run. Called by the executor, or once by a caller that must schedule one and does not call {@link #schedule}. */
    @Override
    public void run() {
        long handledBytes = 0;
        try {
            long began = time.nanos();
            guard(owner::beginRun);
            takeAll();
            boolean hasEvents = !taken.isEmpty();
            while (next < taken.size()) {
                E event = taken.get(next++);
                handledBytes += owner.bytesOf(event);
                guard(() -> owner.handle(event));
                if (owner.isRunFull() || time.nanos() - began >= MAX_RUN_NANOS) {
                    break;
                }
            }
            guard(owner::endRun);
            long ended = time.nanos();
            guard(() -> owner.runEnded(ended - began, hasEvents ? ended - takenNanos : 0));
        } finally {
            end(handledBytes);
        }
    }

    private void takeAll() {
        if (next < taken.size()) {
            return; // the previous run ended early
        }
        taken.clear();
        next = 0;
        synchronized (this) {
            List<E> empty = taken;
            taken = inbox;
            inbox = empty;
            takenNanos = firstNanos;
        }
    }

    private void end(long handledBytes) {
        boolean more = next < taken.size();
        if (!more) {
            taken.clear(); // handled events must not stay in memory until the next run
            next = 0;
        }
        synchronized (this) {
            release(handledBytes);
            if (!more && inbox.isEmpty()) {
                scheduled = false;
                return;
            }
        }
        schedule();
    }

    private void release(long released) {
        bytes -= released;
        budget.release(Budget.Share.INPUT, released);
    }

    private void guard(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            Faults.report(LOG, "an event of " + name + " failed", e);
        }
    }
}
