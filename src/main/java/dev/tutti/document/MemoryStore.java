package dev.tutti.document;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Keeps documents for as long as the process runs: an open one needs no copy, a closed one is here as bytes. Safe for any thread.
 */
public final class MemoryStore implements DocumentStore {
    private final ConcurrentMap<String, byte[]> states = new ConcurrentHashMap<>();

    @Override
    public CompletionStage<Optional<byte[]>> load(String name) {
        return CompletableFuture.completedFuture(Optional.ofNullable(states.get(name)));
    }

    /** Nothing survives the process, so nothing needs to be done before the document is closed. */
    @Override
    public CompletionStage<Void> append(String name, byte[] update) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> replace(String name, byte[] state) {
        states.put(name, state);
        return CompletableFuture.completedFuture(null);
    }
}
