package dev.tutti.health;

import dev.tutti.document.StoreException;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.TimeSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tries a part of the server, once in a second at most and only when somebody asks: so neither a server that nobody asks nor one that many ask
 * has more work. Safe for any thread.
 */
final class Probe {
    /** How long a result is fresh. */
    static final long FRESH_NANOS = 1_000_000_000L;

    private static final CompletionStage<Void> FRESH = CompletableFuture.completedFuture(null);

    private final Supplier<CompletionStage<?>> action;
    private final TimeSource time;

    // Guarded by this.
    /** Null if no run is under way. */
    private @Nullable CompletableFuture<Void> running;

    private boolean hasRun;
    /** The start of the run under way, or of the last one. */
    private long startNanos;
    /** Of the last run that has ended; null if it succeeded. */
    private @Nullable String failure;

    /** @param action does not block; fails if the part does not work */
    Probe(TimeSource time, Supplier<CompletionStage<?>> action) {
        this.action = action;
        this.time = time;
    }

    /** Begins a run, unless one is under way or the last one is fresh; returns a stage that completes when the result is there. */
    CompletionStage<Void> refresh() {
        CompletableFuture<Void> run = new CompletableFuture<>();
        synchronized (this) {
            long now = time.nanos();
            if (running != null) {
                return running;
            }
            if (hasRun && now - startNanos < FRESH_NANOS) {
                return FRESH;
            }
            hasRun = true;
            startNanos = now;
            running = run;
        }
        var unused = start().whenComplete((result, thrown) -> {
            synchronized (this) {
                running = null;
                failure = thrown == null ? null : reason(thrown);
            }
            run.complete(null);
        });
        return run;
    }

    private CompletionStage<?> start() {
        try {
            return action.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static String reason(Throwable thrown) {
        Throwable cause = StoreException.causeOf(thrown);
        if (cause instanceof LimitException e) {
            return e.breach().reason();
        }
        return cause instanceof StoreException ? String.valueOf(cause.getMessage()) : "failed: see the log";
    }

    /**
     * Returns why the part does not work; null if it does, as far as this knows.
     *
     * @param patienceNanos after which a run without a result is a problem
     */
    synchronized @Nullable String problem(long patienceNanos) {
        long waited = time.nanos() - startNanos;
        if (running != null && waited >= patienceNanos) {
            return "no answer for " + waited / 1_000_000_000L + " s";
        }
        return failure;
    }

    /** As above, where a failure is an answer. */
    synchronized @Nullable String silence(long patienceNanos) {
        return running == null ? null : time.nanos() - startNanos < patienceNanos ? null : problem(patienceNanos);
    }
}
