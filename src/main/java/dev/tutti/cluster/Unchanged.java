package dev.tutti.cluster;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Asks nodes whether they have lost nothing since they were connected. Stateless. */
final class Unchanged {
    private static final long MAX_MILLIS = 1_000;

    private Unchanged() {}

    /** Returns the connections whose nodes have confirmed in time that they have their generation still. The stage does not fail. */
    static CompletionStage<Set<Redis>> among(Collection<Redis> asked) {
        Set<Redis> confirmed = ConcurrentHashMap.newKeySet();
        CompletableFuture<?>[] answers = asked.stream()
                .map(redis -> redis.readGeneration()
                        .thenAccept(generation -> {
                            if (generation.equals(redis.generation())) {
                                confirmed.add(redis);
                            }
                        })
                        .toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture<?> all = CompletableFuture.allOf(answers);
        return (asked.isEmpty() ? all : all.orTimeout(MAX_MILLIS, TimeUnit.MILLISECONDS))
                .handle((done, failure) -> Set.copyOf(confirmed));
    }
}
