package dev.tutti.simulation;

import dev.tutti.document.DocumentMove;
import dev.tutti.document.DocumentStore;
import dev.tutti.document.Replacement;
import dev.tutti.document.StoreException;
import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * A store that completes calls later and fails some, before or after the write. Written rows survive a crash. Confined to the world's
 * thread.
 */
final class FlakyStore implements DocumentStore {
    private final World world;
    private final Map<String, NavigableMap<Long, byte[]>> documents = new HashMap<>();
    private long lastId;
    private int failPercent;

    FlakyStore(World world) {
        this.world = world;
    }

    /** Sets how many of a hundred calls fail from here on. */
    void failPercent(int percent) {
        failPercent = percent;
    }

    /** Returns the updates that would survive a crash now. */
    List<byte[]> durable(String name) {
        return List.copyOf(rows(name).values());
    }

    private NavigableMap<Long, byte[]> rows(String name) {
        return documents.computeIfAbsent(name, key -> new TreeMap<>());
    }

    /** Completes at once for a name that begins with a dot: a server waits for it when it starts or stops. */
    private <T> CompletionStage<T> later(String name, Supplier<T> call) {
        if (name.startsWith(".")) {
            return CompletableFuture.completedFuture(call.get());
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        world.execute(() -> {
            boolean fails = world.happens(failPercent);
            if (fails && world.happens(50)) {
                result.completeExceptionally(new StoreException("failed before it was written"));
                return;
            }
            T value = call.get();
            if (fails) {
                result.completeExceptionally(new StoreException("failed after it was written"));
            } else {
                result.complete(value);
            }
        });
        return result;
    }

    @Override
    public CompletionStage<List<StoredUpdate>> load(String name) {
        return later(name, () -> {
            List<StoredUpdate> found = new ArrayList<>();
            rows(name).forEach((id, update) -> found.add(new StoredUpdate(id, update)));
            return found;
        });
    }

    @Override
    public CompletionStage<Long> append(String name, byte[] update) {
        return later(name, () -> {
            rows(name).put(++lastId, update);
            return lastId;
        });
    }

    @Override
    public CompletionStage<Replacement> replace(String name, byte[] state, Set<Long> covered) {
        return later(name, () -> {
            NavigableMap<Long, byte[]> rows = rows(name);
            boolean isCurrent = covered.isEmpty() || rows.keySet().removeAll(covered);
            List<StoredUpdate> others = new ArrayList<>();
            rows.forEach((id, update) -> others.add(new StoredUpdate(id, update)));
            if (!isCurrent) {
                return new Replacement(OptionalLong.empty(), others);
            }
            rows.put(++lastId, state);
            return new Replacement(OptionalLong.of(lastId), others);
        });
    }

    @Override
    public CompletionStage<Boolean> delete(String name) {
        return later(name, () -> documents.remove(name) != null);
    }

    @Override
    public CompletionStage<DocumentMove.Result> move(DocumentMove move) {
        return later(move.from(), () -> {
            if (rows(move.from()).isEmpty() || !rows(move.to()).isEmpty()) {
                return rows(move.from()).isEmpty() ? DocumentMove.Result.UNKNOWN : DocumentMove.Result.TAKEN;
            }
            documents.put(move.to(), documents.remove(move.from()));
            rows(move.note()).clear();
            if (move.content().length > 0) {
                rows(move.note()).put(++lastId, move.content());
            }
            return DocumentMove.Result.MOVED;
        });
    }

    @Override
    public CompletionStage<List<StoredDocument>> list(String prefix, String after, int max) {
        return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public void close() {
        // nothing is open
    }
}
