package dev.tutti.document;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/** Keeps documents for as long as the process runs. Safe for any thread. */
public final class MemoryStore implements DocumentStore {
    /** What is kept of a document. */
    private static final class Kept {
        final List<byte[]> updates = new ArrayList<>(1);
        long bytes;
        long changedMillis;
    }

    private final LongSupplier clockMillis;

    // Guarded by this.
    private final NavigableMap<String, Kept> documents = new TreeMap<>();
    private long bytes;

    /** Makes an empty store that asks the system for the time. */
    public MemoryStore() {
        this(System::currentTimeMillis);
    }

    /** Makes an empty store; the clock tells milliseconds since 1970. */
    public MemoryStore(LongSupplier clockMillis) {
        this.clockMillis = clockMillis;
    }

    @Override
    public synchronized CompletionStage<List<byte[]>> load(String name) {
        Kept kept = documents.get(name);
        return CompletableFuture.completedFuture(kept == null ? List.of() : List.copyOf(kept.updates));
    }

    @Override
    public synchronized CompletionStage<Void> append(String name, byte[] update) {
        add(documents.computeIfAbsent(name, key -> new Kept()), update);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized CompletionStage<Void> replace(String name, byte[] state) {
        forget(name);
        return append(name, state);
    }

    @Override
    public synchronized CompletionStage<Boolean> delete(String name) {
        return CompletableFuture.completedFuture(forget(name));
    }

    @Override
    public synchronized CompletionStage<List<StoredDocument>> list(String prefix, String after, int max) {
        boolean isFirst = after.compareTo(prefix) < 0;
        return CompletableFuture.completedFuture(
                documents.tailMap(isFirst ? prefix : after, isFirst).entrySet().stream()
                        .takeWhile(entry -> entry.getKey().startsWith(prefix))
                        .limit(max)
                        .map(entry -> new StoredDocument(
                                entry.getKey(), entry.getValue().bytes, entry.getValue().changedMillis))
                        .toList());
    }

    @Override
    public synchronized long memoryBytes() {
        return bytes;
    }

    @Override
    public void close() {
        // nothing is being written
    }

    private void add(Kept kept, byte[] update) {
        kept.updates.add(update);
        kept.bytes += update.length;
        kept.changedMillis = clockMillis.getAsLong();
        bytes += update.length;
    }

    private boolean forget(String name) {
        Kept forgotten = documents.remove(name);
        bytes -= forgotten == null ? 0 : forgotten.bytes;
        return forgotten != null;
    }
}
