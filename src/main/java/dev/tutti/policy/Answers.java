package dev.tutti.policy;

import dev.tutti.security.AccessPolicy;
import dev.tutti.security.AccessPolicy.Question;
import dev.tutti.security.Action;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The answers of a policy, for a short time. Safe for any thread, guarded by this.
 *
 * <p>A question is asked once, however many wait for its answer. An answer that somebody uses is asked for again before it ends, at a random time,
 * so that answers of the same age do not end together; until the next one comes, or its end, the earlier one holds. A question that has failed
 * is not asked again for a second, and nobody waits for it.
 */
final class Answers {
    /** Answers that are remembered; beyond that, those that were not used for the longest time are forgotten. */
    static final int MAX = 50_000;

    /** How long a question is not asked again after it has failed. */
    static final long PAUSE_NANOS = 1_000_000_000L;

    /** The state of one question. */
    private static final class Entry {
        /** Null if there was no answer yet. */
        private @Nullable Set<Action> granted;
        /** Meaningless without {@link #granted}. */
        private long endNanos;
        /** From this time on a use of the answer asks for it again; after a failure, the time of the next try. */
        private long nextAskNanos;
        /** When the question that is on its way was asked. */
        private long askedNanos;
        /** Completes when the question on its way is answered or has failed; null if there is none. */
        private @Nullable CompletableFuture<Void> asked;
        /** The question on its way must be asked again: its subject has changed meanwhile. */
        private boolean isOutdated;

        Entry(long nowNanos) {
            nextAskNanos = nowNanos;
        }

        boolean isKnown(long nowNanos) {
            return granted != null && endNanos - nowNanos > 0;
        }

        /** Returns whether forgetting this loses nothing. */
        boolean isOver(long nowNanos) {
            return asked == null && !isKnown(nowNanos) && nowNanos - nextAskNanos >= 0;
        }
    }

    private final Questions questions;
    private final Executor completing;
    private final LongSupplier nanoTime;
    /** An answer is new for a quarter of the cache time, asked for again at the end of the second, and over at the end of the third. */
    private final long quarterNanos;

    // Guarded by this.
    /** The least recently used first. */
    private final Map<Question, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * Has no answer yet.
     *
     * @param asking runs calls of the policy
     * @param completing completes stages
     */
    Answers(AccessPolicy policy, PolicyOptions options, Executor asking, Executor completing, LongSupplier nanoTime) {
        this.completing = completing;
        this.nanoTime = nanoTime;
        this.quarterNanos = options.cacheNanos() / 4;
        this.questions = new Questions(policy, options.answerNanos(), nanoTime, asking, this::answered);
    }

    /** Returns the granted actions; null if they are not known. */
    synchronized @Nullable Set<Action> get(Question question) {
        Entry entry = entries.get(question);
        return entry != null && entry.isKnown(nanoTime.getAsLong()) ? entry.granted : null;
    }

    /**
     * Asks a question if its answer is not known, or ends soon.
     *
     * @return null if the answer is known, or the question has just failed; else a stage that completes, never with a failure, with the answer
     */
    @Nullable
    CompletionStage<?> prepare(Question question) {
        CompletionStage<?> unknown;
        boolean mustAsk;
        synchronized (this) {
            long now = nanoTime.getAsLong();
            Entry entry = entry(question, now);
            mustAsk = entry.asked == null && now - entry.nextAskNanos >= 0;
            if (mustAsk) {
                entry.asked = new CompletableFuture<>();
                entry.askedNanos = now;
            }
            unknown = entry.isKnown(now) ? null : entry.asked;
        }
        if (mustAsk) {
            questions.ask(question);
        }
        return unknown;
    }

    /** Called under this. */
    private Entry entry(Question question, long nowNanos) {
        Entry present = entries.get(question);
        if (present != null) {
            return present;
        }
        if (entries.size() >= MAX) {
            removeOldest();
        }
        Entry added = new Entry(nowNanos);
        entries.put(question, added);
        return added;
    }

    /** Called under this. Keeps entries that somebody waits for: of those there are far fewer. */
    private void removeOldest() {
        for (Iterator<Entry> oldest = entries.values().iterator(); oldest.hasNext(); ) {
            if (oldest.next().asked == null) {
                oldest.remove();
                return;
            }
        }
    }

    /** Takes an answer; null for a failure. */
    private void answered(Question question, @Nullable Set<Action> granted) {
        CompletableFuture<Void> asked;
        synchronized (this) {
            Entry entry = entries.get(question);
            if (entry == null || entry.asked == null) {
                throw new AssertionError("an entry stays while its question is on its way");
            }
            asked = entry.asked;
            long now = nanoTime.getAsLong();
            if (entry.isOutdated) {
                entry.isOutdated = false;
                entry.askedNanos = now;
                asked = null;
            } else {
                entry.asked = null;
                take(entry, granted, now);
            }
        }
        if (asked == null) {
            questions.ask(question);
        } else {
            CompletableFuture<Void> done = asked;
            completing.execute(() -> done.complete(null));
        }
    }

    /** All times count from the question: the application may have changed its mind right after it. */
    private void take(Entry entry, @Nullable Set<Action> granted, long nowNanos) {
        if (granted == null) {
            entry.nextAskNanos = nowNanos + PAUSE_NANOS; // the earlier answer, if there is one, holds until its end
        } else {
            entry.granted = granted;
            entry.endNanos = entry.askedNanos + 3 * quarterNanos;
            entry.nextAskNanos = entry.askedNanos
                    + quarterNanos
                    + ThreadLocalRandom.current().nextLong(quarterNanos);
        }
    }

    /** Forgets the answers about a user. */
    void forget(String user) {
        forget(user::equals);
    }

    void forgetAll() {
        forget(user -> true);
    }

    private synchronized void forget(Predicate<String> users) {
        long now = nanoTime.getAsLong();
        entries.forEach((question, entry) -> {
            if (users.test(question.user())) {
                entry.granted = null;
                entry.nextAskNanos = now;
                entry.isOutdated = entry.asked != null;
            }
        });
    }

    /** Handles a tick of the clock: fails the questions that take too long, and forgets answers that have ended. */
    void tick() {
        questions.tick();
        synchronized (this) {
            long now = nanoTime.getAsLong();
            Iterator<Entry> oldest = entries.values().iterator();
            while (oldest.hasNext() && oldest.next().isOver(now)) {
                oldest.remove();
            }
        }
    }

    /** Returns the number of answers and questions. */
    synchronized int size() {
        return entries.size();
    }
}
