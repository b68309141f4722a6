package dev.tutti.document;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/**
 * Runs the asynchronous actions of each key one after another, because a store takes one call at a time for each document. Safe for any thread.
 *
 * @param <K> key of the actions that exclude each other
 */
final class Sequences<K> {
    /** The last action of each key that has not ended. */
    private final ConcurrentMap<K, CompletableFuture<?>> last = new ConcurrentHashMap<>();

    /** Returns the result of an action, which begins when the earlier ones of this key have ended. */
    <T> CompletionStage<T> run(K key, Supplier<CompletionStage<T>> action) {
        CompletableFuture<T> result = new CompletableFuture<>();
        CompletableFuture<?> before = last.put(key, result);
        if (before == null) {
            begin(action, result);
        } else {
            var unused = before.whenComplete((value, failure) -> begin(action, result));
        }
        return result.whenComplete((value, failure) -> last.remove(key, result));
    }

    private static <T> void begin(Supplier<CompletionStage<T>> action, CompletableFuture<T> result) {
        try {
            var unused = action.get().whenComplete((value, failure) -> {
                if (failure == null) {
                    result.complete(value);
                } else {
                    result.completeExceptionally(failure);
                }
            });
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
        }
    }
}
