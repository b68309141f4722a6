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
    /** What a document takes in the heap beside its name and its rows, and a row beside its update: measured by a test. */
    private static final int DOCUMENT_BYTES = 180;

    private static final int ROW_BYTES = 48;

    /** What is kept of a document. */
    private static final class Kept {
        final List<StoredUpdate> rows = new ArrayList<>(1);
        /** The length of all updates together. */
        long bytes;

        long changedMillis;

        long memoryBytes(String name) {
            return DOCUMENT_BYTES + name.length() + (long) ROW_BYTES * rows.size() + bytes;
        }
    }

    private final LongSupplier clockMillis;

    // Guarded by this.
    private final NavigableMap<String, Kept> documents = new TreeMap<>();
    private long memoryBytes;
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
            remove(name, kept, covered);
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
    public synchronized long count() {
        return documents.size();
    }

    @Override
    public synchronized long memoryBytes() {
        return memoryBytes;
    }

    @Override
    public void close() {
        // nothing is being written
    }

    private long add(String name, byte[] update) {
        Kept present = documents.get(name);
        Kept kept = present == null ? new Kept() : present;
        memoryBytes -= present == null ? 0 : kept.memoryBytes(name);
        documents.put(name, kept);
        kept.rows.add(new StoredUpdate(++lastId, update));
        kept.bytes += update.length;
        kept.changedMillis = clockMillis.getAsLong();
        memoryBytes += kept.memoryBytes(name);
        return lastId;
    }

    private void remove(String name, Kept kept, Set<Long> ids) {
        boolean isPresent = documents.containsKey(name);
        memoryBytes -= isPresent ? kept.memoryBytes(name) : 0;
        kept.rows.removeIf(row -> ids.contains(row.id()));
        kept.bytes = kept.rows.stream().mapToLong(row -> row.update().length).sum();
        memoryBytes += isPresent ? kept.memoryBytes(name) : 0;
    }

    private boolean forget(String name) {
        Kept forgotten = documents.remove(name);
        memoryBytes -= forgotten == null ? 0 : forgotten.memoryBytes(name);
        return forgotten != null;
    }
}
