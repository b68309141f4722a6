package dev.tutti.document;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The versions of documents in the store: each state is a document of the store under another name, and so is the index of a document. A state
 * is written before the index has it, and removed after. Safe for any thread; no method blocks.
 */
final class VersionStore {
    /** Rounds in which a removal reads the index again, because another server may have written it meanwhile. */
    private static final int MAX_ROUNDS = 5;

    private final DocumentStore store;
    private final StoreUsage usage;
    private final Sequences<DocumentKey> sequences = new Sequences<>();

    VersionStore(LiveDocuments live) {
        this.store = live.store();
        this.usage = live.storeUsage();
    }

    /** Runs an action after the earlier ones on the versions of the same document on this server. */
    <T> CompletionStage<T> inOrder(DocumentKey key, Supplier<CompletionStage<T>> action) {
        return sequences.run(key, action);
    }

    CompletionStage<VersionIndex> index(DocumentKey key) {
        return store.load(key.indexName()).thenApply(rows -> VersionIndex.read(key.document(), rows));
    }

    /** Returns the rows of a version's state; fails with a {@link LoadRefusedException} if there is no memory for them. */
    CompletionStage<List<StoredUpdate>> state(DocumentKey key, String id, DocumentMemory memory) {
        return store.load(key.stateName(id), memory::tryReserve);
    }

    /** Adds a version; a state that it has already is replaced by the later one. */
    CompletionStage<Void> add(DocumentKey key, Version version, byte[] state, VersionIndex index) {
        String name = key.stateName(version.id());
        boolean isNew = !index.has(version.id());
        CompletionStage<?> written = isNew ? store.append(name, state) : replace(name, state);
        return written.thenCompose(done -> store.append(key.indexName(), VersionIndex.encode(List.of(version))))
                .thenAccept(row -> {
                    if (isNew) {
                        usage.addVersions(index.rows().isEmpty() ? 2 : 1, version.bytes());
                    }
                });
    }

    private CompletionStage<Replacement> replace(String name, byte[] state) {
        return store.load(name).thenCompose(rows -> store.replace(name, state, ids(rows)));
    }

    private static Set<Long> ids(List<StoredUpdate> rows) {
        return rows.stream().map(StoredUpdate::id).collect(Collectors.toSet());
    }

    /** Removes versions; unknown ids do not matter. Also folds the rows of the index. */
    CompletionStage<Void> remove(DocumentKey key, Collection<String> ids) {
        return ids.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : removeFromIndex(key, ids, MAX_ROUNDS).thenCompose(done -> deleteStates(key, ids));
    }

    private CompletionStage<Void> removeFromIndex(DocumentKey key, Collection<String> ids, int rounds) {
        return index(key).thenCompose(index -> {
            List<Version> left = index.without(ids);
            if (left.size() == index.versions().size()) {
                return CompletableFuture.completedFuture(null);
            }
            if (rounds == 0) {
                throw new StoreException("the versions of the document change too fast");
            }
            return store.replace(key.indexName(), VersionIndex.encode(left), index.rows())
                    .thenCompose(replaced -> {
                        if (replaced.id().isPresent()) {
                            usage.addVersions(0, bytesOf(left) - bytesOf(index.versions()));
                        }
                        return removeFromIndex(key, ids, rounds - 1);
                    });
        });
    }

    private static long bytesOf(List<Version> versions) {
        return versions.stream().mapToLong(Version::bytes).sum();
    }

    private CompletionStage<Void> deleteStates(DocumentKey key, Collection<String> ids) {
        CompletionStage<Void> deleted = CompletableFuture.completedFuture(null);
        for (String id : ids) {
            deleted = deleted.thenCompose(done -> delete(key.stateName(id)));
        }
        return deleted;
    }

    private CompletionStage<Void> delete(String name) {
        return store.delete(name).thenAccept(existed -> usage.addVersions(existed ? -1 : 0, 0));
    }

    /** Removes all versions of a document. */
    CompletionStage<Void> removeAll(DocumentKey key) {
        return inOrder(
                key,
                () -> entries(key).thenCompose(names -> {
                    CompletionStage<Void> deleted = CompletableFuture.completedFuture(null);
                    for (int i = names.size() - 1; i >= 0; i--) { // the index is the last, and removed first
                        String name = names.get(i);
                        deleted = deleted.thenCompose(done -> delete(name));
                    }
                    return deleted;
                }));
    }

    /** Removes states that the index does not have, from before a time: the server was stopped while it wrote or removed them. */
    CompletionStage<Void> removeLost(DocumentKey key, long beforeMillis) {
        return inOrder(
                key,
                () -> index(key)
                        .thenCompose(index -> entries(key).thenCompose(names -> {
                            List<String> lost = names.stream()
                                    .map(name -> name.substring(key.prefix().length()))
                                    .filter(id -> Version.madeMillis(id) >= 0 && Version.madeMillis(id) < beforeMillis)
                                    .filter(id -> !index.has(id))
                                    .toList();
                            return deleteStates(key, lost);
                        })));
    }

    /** Gives the versions of a document to another one, which has none: a restored document may have another name. */
    CompletionStage<Void> moveAll(DocumentKey from, DocumentKey to) {
        return from.equals(to)
                ? CompletableFuture.completedFuture(null)
                : inOrder(from, () -> index(from).thenCompose(index -> moveAll(from, to, index)));
    }

    private CompletionStage<Void> moveAll(DocumentKey from, DocumentKey to, VersionIndex index) {
        if (index.versions().isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        byte[] content = VersionIndex.encode(index.versions());
        CompletionStage<?> moved = CompletableFuture.completedFuture(null);
        for (Version version : index.versions()) {
            DocumentMove move =
                    new DocumentMove(from.stateName(version.id()), to.stateName(version.id()), to.indexName(), content);
            moved = moved.thenCompose(done -> store.move(move));
        }
        return moved.thenCompose(done -> store.delete(from.indexName())).thenAccept(existed -> {});
    }

    private CompletionStage<List<String>> entries(DocumentKey key) {
        return store.listAll(key.prefix())
                .thenApply(stored -> stored.stream().map(StoredDocument::name).toList());
    }

    /** Returns the incarnation that a document has now. */
    CompletionStage<DocumentKey> present(String document) {
        return Incarnation.load(store, document).thenApply(present -> new DocumentKey(document, present.id()));
    }
}
