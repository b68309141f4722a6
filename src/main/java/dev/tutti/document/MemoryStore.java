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

/** Stores documents in memory: they are lost when the process ends. Safe for any thread. */
public final class MemoryStore implements DocumentStore {
    /** Heap of a document beside its name and rows, and of a row beside its update; a test measures them. */
    private static final int DOCUMENT_BYTES = 180;

    private static final int ROW_BYTES = 48;

    private static final class Document {
        final List<StoredUpdate> rows = new ArrayList<>(1);
        /** Of all updates together. */
        long bytes;

        long changedMillis;

        long memoryBytes(String name) {
            return DOCUMENT_BYTES + name.length() + (long) ROW_BYTES * rows.size() + bytes;
        }
    }

    private final LongSupplier clockMillis;

    // Guarded by this.
    private final NavigableMap<String, Document> documents = new TreeMap<>();
    private long memoryBytes;
    private long lastId;

    /** Is empty, and uses the clock of the system. */
    public MemoryStore() {
        this(System::currentTimeMillis);
    }

    /**
     * Is empty.
     *
     * @param clockMillis milliseconds since 1970
     */
    public MemoryStore(LongSupplier clockMillis) {
        this.clockMillis = clockMillis;
    }

    @Override
    public synchronized CompletionStage<List<StoredUpdate>> load(String name) {
        Document document = documents.get(name);
        return CompletableFuture.completedFuture(document == null ? List.of() : List.copyOf(document.rows));
    }

    @Override
    public synchronized CompletionStage<Long> append(String name, byte[] update) {
        return CompletableFuture.completedFuture(add(name, update));
    }

    @Override
    public synchronized CompletionStage<Replacement> replace(String name, byte[] state, Set<Long> covered) {
        Document document = documents.getOrDefault(name, new Document());
        List<StoredUpdate> others = document.rows.stream()
                .filter(row -> !covered.contains(row.id()))
                .toList();
        OptionalLong id = OptionalLong.empty();
        if (covered.isEmpty() || others.size() < document.rows.size()) {
            remove(name, document, covered);
            id = OptionalLong.of(add(name, state));
        }
        return CompletableFuture.completedFuture(new Replacement(id, others));
    }

    @Override
    public synchronized CompletionStage<Boolean> delete(String name) {
        return CompletableFuture.completedFuture(removeAll(name));
    }

    @Override
    public synchronized CompletionStage<DocumentMove.Result> move(DocumentMove move) {
        DocumentMove.Result result = !documents.containsKey(move.from())
                ? DocumentMove.Result.UNKNOWN
                : documents.containsKey(move.to()) ? DocumentMove.Result.TAKEN : DocumentMove.Result.MOVED;
        if (result == DocumentMove.Result.MOVED) {
            Document moved = documents.remove(move.from());
            memoryBytes += move.to().length() - move.from().length();
            documents.put(move.to(), moved);
            removeAll(move.note());
            if (move.content().length > 0) {
                add(move.note(), move.content());
            }
        }
        return CompletableFuture.completedFuture(result);
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
    public String kind() {
        return "memory";
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
        // no write is in flight
    }

    private long add(String name, byte[] update) {
        Document present = documents.get(name);
        Document document = present == null ? new Document() : present;
        memoryBytes -= present == null ? 0 : document.memoryBytes(name);
        documents.put(name, document);
        document.rows.add(new StoredUpdate(++lastId, update));
        document.bytes += update.length;
        document.changedMillis = clockMillis.getAsLong();
        memoryBytes += document.memoryBytes(name);
        return lastId;
    }

    private void remove(String name, Document document, Set<Long> ids) {
        boolean isPresent = documents.containsKey(name);
        memoryBytes -= isPresent ? document.memoryBytes(name) : 0;
        document.rows.removeIf(row -> ids.contains(row.id()));
        document.bytes =
                document.rows.stream().mapToLong(row -> row.update().length).sum();
        memoryBytes += isPresent ? document.memoryBytes(name) : 0;
    }

    private boolean removeAll(String name) {
        Document removed = documents.remove(name);
        memoryBytes -= removed == null ? 0 : removed.memoryBytes(name);
        return removed != null;
    }
}
