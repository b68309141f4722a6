package dev.tutti.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoreException;
import dev.tutti.document.StoredUpdate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A name that all servers share which have used a store one after the other, each after the one before it had stored all that it had
 * delivered. A server that follows another end, such as a crash, begins a new generation, because clients may have received publications
 * that are not stored. Confined to its owner.
 */
final class Generation {
    /** The document of the generation; no room has this name. */
    static final String DOCUMENT = ".generation";

    /** No name of a hub has it. */
    private static final String SEPARATOR = ".";

    private static final String CLEAN = "clean ";
    private static final String IN_USE = "in use ";

    private final DocumentStore store;
    private final String name;
    /** The rows of the document. */
    private Set<Long> rows;

    private Generation(DocumentStore store, String name, Set<Long> rows) {
        this.store = store;
        this.name = name;
        this.rows = rows;
    }

    /**
     * Begins or continues a generation, and returns when that is stored. Blocks.
     *
     * @param unused the name of a new generation
     * @throws StoreException if the store fails
     */
    static Generation begin(DocumentStore store, String unused) {
        List<StoredUpdate> found = join(store.load(DOCUMENT));
        Set<Long> rows = new HashSet<>();
        found.forEach(row -> rows.add(row.id()));
        String text = found.size() == 1 ? new String(found.get(0).update(), UTF_8) : "";
        boolean isClean = text.startsWith(CLEAN) && !store.hasLosses();
        Generation generation = new Generation(store, isClean ? text.substring(CLEAN.length()) : unused, rows);
        generation.write(IN_USE);
        return generation;
    }

    /** Returns an epoch of this generation. */
    String epoch(String unique) {
        return unique + SEPARATOR + name;
    }

    /** Returns whether an epoch is of this generation; false for null. */
    boolean isOf(@Nullable String epoch) {
        return epoch != null && epoch.endsWith(SEPARATOR + name);
    }

    /** Returns whether no other server has begun or continued a generation since. */
    CompletionStage<Boolean> isCurrent() {
        return store.load(DOCUMENT)
                .thenApply(
                        found -> found.size() == 1 && rows.contains(found.get(0).id()));
    }

    /** Notes that everything that was delivered is stored, and that nothing more will be delivered. Blocks. */
    void endClean() {
        write(CLEAN);
    }

    private void write(String state) {
        byte[] text = (state + name).getBytes(UTF_8);
        long id = join(store.replace(DOCUMENT, text, rows))
                .id()
                .orElseThrow(() -> new StoreException("another server uses the histories of rooms"));
        rows = Set.of(id);
    }

    private static <T> T join(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof StoreException cause ? cause : new StoreException("the store failed", e);
        }
    }
}
