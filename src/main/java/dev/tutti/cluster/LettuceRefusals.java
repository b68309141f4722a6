package dev.tutti.cluster;

import io.lettuce.core.RedisCommandExecutionException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Repeats calls that Redis has not carried out: a slot of Redis Cluster is about to move, so that some of the keys are on another node, or a node
 * waits for the failover of another one. Nothing is known then but that it will be over soon. Safe for any thread.
 *
 * @param executor of later calls
 */
record LettuceRefusals(Executor executor) {
    /** The errors that end by themselves. */
    private static final Set<String> TRANSIENT = Set.of("TRYAGAIN", "ASK", "CLUSTERDOWN");

    private static final long FIRST_WAIT_MILLIS = 5;
    private static final long MAX_WAIT_MILLIS = 100;

    /** About seven seconds in all: longer than a failover mostly takes. */
    private static final int MAX_ATTEMPTS = 75;

    /** Makes a call, and again while it is refused in this way. */
    <T> CompletionStage<T> repeat(Supplier<CompletionStage<T>> call) {
        return attempt(call, 1);
    }

    private <T> CompletionStage<T> attempt(Supplier<CompletionStage<T>> call, int number) {
        return call.get().exceptionallyCompose(failure -> {
            if (!isTransient(failure) || number == MAX_ATTEMPTS) {
                return CompletableFuture.failedFuture(failure);
            }
            Executor later = CompletableFuture.delayedExecutor(
                    Math.min(MAX_WAIT_MILLIS, FIRST_WAIT_MILLIS * number), TimeUnit.MILLISECONDS, executor);
            return CompletableFuture.runAsync(() -> {}, later).thenCompose(waited -> attempt(call, number + 1));
        });
    }

    /** Returns whether Redis may take the same call soon, here or on another node. */
    static boolean isTransient(Throwable failure) {
        return TRANSIENT.contains(code(failure));
    }

    /** Returns the address of the node that has the keys, as host:port, if Redis says that in an error; else null. */
    static @Nullable String owner(Throwable failure) {
        return code(failure).equals("MOVED")
                ? String.valueOf(unwrap(failure).getMessage()).replaceFirst("(?s).* ", "")
                : null;
    }

    /** Returns the first word of an error of Redis, which says its kind; empty for other failures. */
    static String code(Throwable failure) {
        return unwrap(failure) instanceof RedisCommandExecutionException refusal && refusal.getMessage() != null
                ? refusal.getMessage().replaceFirst("(?s) .*", "")
                : "";
    }

    private static Throwable unwrap(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
