package dev.tutti.statistics;

import dev.tutti.document.Documents;
import dev.tutti.hub.Hub;
import dev.tutti.hub.TimeSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The activity of the server now and in the last quarter of an hour. Safe for any thread; no method blocks.
 *
 * <p>However many ask, it visits all rooms, documents and clients once in two seconds at most, and not at all if nobody asks.
 */
public final class Statistics {
    /** Elements of each list of a {@link Ranking}. */
    public static final int LISTED = 20;

    /** Time between two samples. */
    public static final int SAMPLE_SECONDS = 5;

    /** A quarter of an hour, with both ends. */
    static final int SAMPLES = 15 * 60 / SAMPLE_SECONDS + 1;

    /** How long a ranking is fresh. */
    static final long FRESH_NANOS = 2_000_000_000L;

    private static final long SAMPLE_MILLIS = SAMPLE_SECONDS * 1_000L;

    private final Hub hub;
    private final Documents documents;
    private final Supplier<Totals> totals;
    private final Executor executor;
    private final TimeSource time;
    private final long startNanos;
    private final long startMillis;

    /** Uptime of the next sample; confined to the clock. */
    private long nextSampleMillis = SAMPLE_MILLIS;

    // Guarded by this.
    private final Deque<Sample> samples = new ArrayDeque<>();
    /** The last ranking, or the one under way; null before the first. */
    private @Nullable CompletableFuture<Ranking> ranking;

    private long rankedNanos;

    /**
     * Begins with a first sample.
     *
     * @param totals reads the counts, without blocking
     * @param executor visits all rooms, documents and clients, which takes milliseconds
     */
    public Statistics(Hub hub, Documents documents, Supplier<Totals> totals, Executor executor, TimeSource time) {
        this.hub = hub;
        this.documents = documents;
        this.totals = totals;
        this.executor = executor;
        this.time = time;
        this.startNanos = time.nanos();
        this.startMillis = time.millis();
        samples.add(Sample.of(0, totals.get()));
    }

    /** Handles a tick of the clock: takes a sample when it is time. */
    public void tick() {
        long uptime = uptimeMillis();
        if (uptime < nextSampleMillis) {
            return;
        }
        nextSampleMillis = uptime + SAMPLE_MILLIS;
        Sample next = Sample.of(uptime, totals.get());
        synchronized (this) {
            samples.add(next);
            if (samples.size() > SAMPLES) {
                samples.remove();
            }
        }
    }

    /** Returns the time since the start, of a clock that does not jump. */
    public long uptimeMillis() {
        return (time.nanos() - startNanos) / 1_000_000;
    }

    /** Returns the time of the start, in milliseconds since 1970. */
    public long startMillis() {
        return startMillis;
    }

    /** Returns the counts now. */
    public Totals totals() {
        return totals.get();
    }

    /**
     * Returns the samples of the last quarter of an hour that were taken after a time, the earliest first.
     *
     * @param uptimeMillis of the last sample that the caller has; negative for none
     */
    public synchronized List<Sample> samplesAfter(long uptimeMillis) {
        return samples.stream()
                .filter(sample -> sample.uptimeMillis() > uptimeMillis)
                .toList();
    }

    /** Returns the largest parts of the server, as of the last two seconds. */
    public CompletionStage<Ranking> ranking() {
        CompletableFuture<Ranking> next = new CompletableFuture<>();
        synchronized (this) {
            long now = time.nanos();
            CompletableFuture<Ranking> last = ranking;
            if (last != null && (!last.isDone() || now - rankedNanos < FRESH_NANOS)) {
                return last;
            }
            rankedNanos = now;
            ranking = next;
        }
        executor.execute(() -> {
            try {
                next.complete(Ranking.of(hub, documents));
            } catch (RuntimeException | Error e) {
                next.completeExceptionally(e);
            }
        });
        return next;
    }
}
