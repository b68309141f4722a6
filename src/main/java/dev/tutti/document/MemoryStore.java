package dev.tutti.document;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/** Keeps documents for as long as the process runs. Safe for any thread. */
public final class MemoryStore implements DocumentStore {
    /** What is kept of a document. */
    private static final class Kept {
        final List<StoredUpdate> rows = new ArrayList<>(1);
        long bytes;
        long changedMillis;
    }

    private final LongSupplier clockMillis;

    // Guarded by this.
    private final NavigableMap<String, Kept> documents = new TreeMap<>();
    private long bytes;
    private long lastId;

    /** Makes an empty store that asks the system for the time. */
    public MemoryStore() {
        this(System::currentTimeMillis);
    }

    /** Makes an empty store; the clock tells milliseconds since 1970. */
    public MemoryStore(LongSupplier clockMillis) {
        this.clockMillis = clockMillis;
    }

    @Override
    public synchronized CompletionStage<List<StoredUpdate>> load(String name) {
        Kept kept = documents.get(name);
        return CompletableFuture.completedFuture(kept == null ? List.of() : List.copyOf(kept.rows));
    }

    @Override
    public synchronized CompletionStage<Long> append(String name, byte[] update) {
        return CompletableFuture.completedFuture(add(name, update));
    }

    @Override
    public synchronized CompletionStage<Replacement> replace(String name, byte[] state, Set<Long> covered) {
        Kept kept = documents.getOrDefault(name, new Kept());
        List<StoredUpdate> others =
                kept.rows.stream().filter(row -> !covered.contains(row.id())).toList();
        OptionalLong id = OptionalLong.empty();
        if (covered.isEmpty() || others.size() < kept.rows.size()) {
            remove(kept, covered);
            id = OptionalLong.of(add(name, state));
        }
        return CompletableFuture.completedFuture(new Replacement(id, others));
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

    private long add(String name, byte[] update) {
        Kept kept = documents.computeIfAbsent(name, key -> new Kept());
        kept.rows.add(new StoredUpdate(++lastId, update));
        kept.bytes += update.length;
        kept.changedMillis = clockMillis.getAsLong();
        bytes += update.length;
        return lastId;
    }

    private void remove(Kept kept, Set<Long> ids) {
        long before = kept.bytes;
        kept.rows.removeIf(row -> ids.contains(row.id()));
        kept.bytes = kept.rows.stream().mapToLong(row -> row.update().length).sum();
        bytes += kept.bytes - before;
    }

    private boolean forget(String name) {
        Kept forgotten = documents.remove(name);
        bytes -= forgotten == null ? 0 : forgotten.bytes;
        return forgotten != null;
    }
}
