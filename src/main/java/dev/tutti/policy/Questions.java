package dev.tutti.policy;

import dev.tutti.security.AccessPolicy;
import dev.tutti.security.AccessPolicy.Question;
import dev.tutti.security.Action;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The questions that a policy has not answered. It asks those of each user in their order, of all users in turns, a few at a time, each with a
 * time limit. Guests count as one user, because they can take any number of names. Safe for any thread, guarded by this; the policy and the
 * listener are called under no lock.
 */
final class Questions {
    private static final Logger LOG = System.getLogger(Questions.class.getName());

    static final int AT_ONCE = Permissions.QUESTIONS_AT_ONCE;

    /** Questions that wait; each has a client or a request that waits for it. One more fails at once. */
    static final int MAX_WAITING = 10_000;

    /** Questions about one user that wait. */
    static final int MAX_WAITING_OF_USER = MAX_WAITING / 10;

    private static final long LOG_NANOS = 60_000_000_000L;

    /** Receives each answer once. Called on any thread. */
    @FunctionalInterface
    interface Listener {
        /**
         * Takes an answer.
         *
         * @param granted null if the question has failed
         */
        void answered(Question question, @Nullable Set<Action> granted);
    }

    /** A question on its way. It holds one of {@link #AT_ONCE} places until it is settled, and the policy's call has returned. */
    private static final class Ask {
        private final Question question;
        private final long deadlineNanos;
        /** The thread that calls the policy; null before and after. */
        private @Nullable Thread caller;

        private boolean isSettled;

        Ask(Question question, long deadlineNanos) {
            this.question = question;
            this.deadlineNanos = deadlineNanos;
        }
    }

    private final AccessPolicy policy;
    private final long limitNanos;
    private final LongSupplier nanoTime;
    private final Executor asking;
    private final Listener listener;

    // Guarded by this.
    private final FairQueue<Ask> waiting = new FairQueue<>(MAX_WAITING, MAX_WAITING_OF_USER);
    /** Those that hold a place. */
    private final Set<Ask> active = new HashSet<>();

    private boolean isLogged;
    private long loggedNanos;

    /** @param asking runs calls of the policy, at least {@link #AT_ONCE} at the same time */
    Questions(AccessPolicy policy, long limitNanos, LongSupplier nanoTime, Executor asking, Listener listener) {
        this.policy = policy;
        this.limitNanos = limitNanos;
        this.nanoTime = nanoTime;
        this.asking = asking;
        this.listener = listener;
    }

    /** Asks a question; the listener gets the answer, maybe before this returns. Does not block. */
    void ask(Question question) {
        boolean isWaiting;
        synchronized (this) {
            isWaiting = waiting.offer(owner(question), new Ask(question, nanoTime.getAsLong() + limitNanos));
        }
        if (isWaiting) {
            askNext();
        } else {
            listener.answered(question, null);
        }
    }

    private static String owner(Question question) {
        return Identity.isGuestName(question.user()) ? "" : question.user();
    }

    /** Handles a tick of the clock: fails the questions whose time is over, and interrupts their calls. */
    void tick() {
        for (Ask late : late()) {
            settle(late, null, new TimeoutException("no answer in time"));
        }
        askNext();
    }

    private synchronized List<Ask> late() {
        long now = nanoTime.getAsLong();
        List<Ask> late = new ArrayList<>(0);
        for (Ask ask : active) {
            if (!ask.isSettled && now - ask.deadlineNanos >= 0) {
                late.add(ask);
                if (ask.caller != null) {
                    ask.caller.interrupt(); // under this, because afterwards the thread works for another question
                }
            }
        }
        late.addAll(waiting.removeFirst(ask -> now - ask.deadlineNanos >= 0));
        return late;
    }

    private void askNext() {
        for (Ask next = takePlace(); next != null; next = takePlace()) {
            Ask ask = next;
            asking.execute(() -> call(ask));
        }
    }

    private synchronized @Nullable Ask takePlace() {
        Ask next = active.size() < AT_ONCE ? waiting.poll() : null;
        if (next != null) {
            active.add(next);
        }
        return next;
    }

    private void call(Ask ask) {
        Thread thread = Thread.currentThread();
        thread.setContextClassLoader(
                policy.getClass().getClassLoader()); // the application's, which its libraries expect
        begin(ask, thread);
        try {
            policy.decide(ask.question).whenComplete((granted, failure) -> settle(ask, granted, failure));
        } catch (RuntimeException | LinkageError e) {
            settle(ask, null, e);
        } finally {
            end(ask);
            askNext();
        }
    }

    private synchronized void begin(Ask ask, Thread thread) {
        ask.caller = thread;
    }

    private synchronized void end(Ask ask) {
        ask.caller = null;
        boolean unused = Thread.interrupted(); // that was for this call
        if (ask.isSettled) {
            active.remove(ask);
        }
    }

    private void settle(Ask ask, @Nullable Set<Action> answer, @Nullable Throwable failure) {
        Set<Action> granted = null;
        Throwable cause = failure;
        if (failure == null) {
            try {
                granted = Set.copyOf(answer);
            } catch (RuntimeException e) { // such as null, or with null in it
                cause = e;
            }
        }
        synchronized (this) {
            if (ask.isSettled) {
                return; // too late
            }
            ask.isSettled = true;
            if (ask.caller == null) {
                active.remove(ask);
            }
        }
        if (cause != null) {
            log(cause);
        }
        listener.answered(ask.question, granted);
        askNext();
    }

    private void log(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        synchronized (this) {
            long now = nanoTime.getAsLong();
            if (isLogged && now - loggedNanos < LOG_NANOS) {
                return;
            }
            isLogged = true;
            loggedNanos = now;
        }
        LOG.log(
                Level.WARNING,
                "an application does not decide about the rights of users, who get none (" + cause
                        + "); further failures within a minute are not logged",
                cause instanceof TimeoutException ? null : cause);
    }
}
