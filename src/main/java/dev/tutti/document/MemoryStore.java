package dev.tutti.document;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps documents for as long as the process runs: an open one needs no copy, a closed one is here as bytes. Safe for any thread.
 */
public final class MemoryStore implements DocumentStore {
    private final ConcurrentMap<String, byte[]> states = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();

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
        byte[] before = states.put(name, state);
        bytes.addAndGet(state.length - (before == null ? 0 : before.length));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public long memoryBytes() {
        return bytes.get();
    }
}
