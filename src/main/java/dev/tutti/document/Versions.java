package dev.tutti.document;

import dev.tutti.document.Version.Writers;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Limits;
import dev.tutti.log.LogSubject;
import dev.tutti.yjs.DocumentLimits;
import dev.tutti.yjs.YDocument;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The versions of documents: named ones, and those that the server makes after each quarter of an hour in which a document was changed. They
 * belong to one incarnation of the document, so they go to the trash with it, and return with it. Safe for any thread; no method blocks.
 */
public final class Versions {
    private static final Logger LOG = System.getLogger(Versions.class.getName());

    /** Automatic versions that are made at the same time. */
    private static final int MAX_AT_ONCE = 4;

    /** The result of {@link #make}. */
    public enum Result {
        MADE,
        /** There is no such document, or it is empty. */
        UNKNOWN,
        /** The document has too many versions, or too large ones, that have to be removed by hand. */
        FULL
    }

    /**
     * A result, with the version.
     *
     * @param version null if none was made
     */
    public record Made(Result result, @Nullable Version version) {}

    private final LiveDocuments live;
    private final VersionStore store;
    private final VersionSweep sweep;

    /** Documents of which an automatic version is being made. */
    private final Set<String> busy = ConcurrentHashMap.newKeySet();

    /** The last automatic version could not be made, and the log says so. */
    private final AtomicBoolean isFailing = new AtomicBoolean();

    Versions(LiveDocuments live, VersionStore store) {
        this.live = live;
        this.store = store;
        this.sweep = new VersionSweep(live, store);
    }

    /** Lists the versions of a document, the latest first. */
    public CompletionStage<List<Version>> list(String document) {
        return store.present(document).thenCompose(store::index).thenApply(index -> {
            List<Version> versions = new ArrayList<>(index.versions());
            Collections.reverse(versions);
            return List.copyOf(versions);
        });
    }

    /**
     * Returns the state of a version, as an update; empty if there is no such version.
     *
     * @return fails with a {@link StoreException} if it cannot be loaded or there is no memory for it
     */
    public CompletionStage<Optional<byte[]>> content(String document, String id) {
        if (Version.madeMillis(id) < 0) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        DocumentMemory memory = new DocumentMemory(live.budget());
        return store.present(document)
                .thenCompose(key -> store.state(key, id, memory))
                .thenApply(Versions::merged)
                .whenComplete((state, failure) -> memory.clear());
    }

    /** Two servers of a cluster may have written the same version, with equal or different rows. */
    private static Optional<byte[]> merged(List<StoredUpdate> rows) {
        if (rows.size() <= 1) {
            return rows.stream().map(StoredUpdate::update).findFirst();
        }
        try {
            List<byte[]> updates = rows.stream().map(StoredUpdate::update).toList();
            return Optional.of(YDocument.decode(updates, DocumentLimits.DEFAULT).encode());
        } catch (MalformedUpdateException e) {
            throw new StoreException("the version is damaged", e);
        }
    }

    /**
     * Makes a version of the document as it is now.
     *
     * @param name a name that {@link dev.tutti.hub.RoomName#isValid} accepts
     * @param title of {@link Version#MAX_TITLE} code points at most; empty for none
     * @param address that is charged for the memory until the version is stored; empty for none
     * @return completes when the version is stored; fails with a {@link StoreException} if the document cannot be loaded, or the version not stored
     */
    public CompletionStage<Made> make(String name, String title, String address) {
        Budget.Quota quota = live.budget().quota(address);
        return make(name, title, null, quota).whenComplete((made, failure) -> quota.close());
    }

    /** @param slotEndMillis of an automatic version; null for a named one */
    private CompletionStage<Made> make(String name, String title, @Nullable Long slotEndMillis, Budget.Quota quota) {
        CompletableFuture<VersionDraft> requested = new CompletableFuture<>();
        live.acquire(name, live.budget().quota("")).requestVersion(quota, requested);
        return requested.thenCompose(draft -> store.inOrder(draft.key(), () -> keep(draft, title, slotEndMillis))
                .whenComplete((made, failure) -> {
                    quota.release(Budget.Share.OUTPUT, draft.reservedBytes());
                    boolean isLost = failure != null || (made.result() == Result.FULL && slotEndMillis == null);
                    if (isLost) {
                        postpone(name, draft.writers());
                    }
                }));
    }

    /** Notes changes again: their version could not be made. */
    private void postpone(String name, Writers writers) {
        var unused = live.unversioned().changed(name, writers, live.time().millis());
    }

    private CompletionStage<Made> keep(VersionDraft draft, String title, @Nullable Long slotEndMillis) {
        if (draft.isEmpty()) {
            return CompletableFuture.completedFuture(new Made(Result.UNKNOWN, null));
        }
        if (sweep.isFull(draft.state().length)) {
            sweep.hasten();
            throw new StoreException("the versions of all documents are too large");
        }
        return store.index(draft.key()).thenCompose(index -> {
            boolean isAutomatic = slotEndMillis != null;
            long millis = slotEndMillis != null ? slotEndMillis : live.time().millis();
            Version version = new Version(millis, isAutomatic, title, draft.writers(), draft.state().length);
            while (!isAutomatic && index.has(version.id())) {
                version = new Version(++millis, false, title, draft.writers(), draft.state().length);
            }
            return keep(draft, version, index);
        });
    }

    private CompletionStage<Made> keep(VersionDraft draft, Version version, VersionIndex index) {
        List<String> replaced = replacedBy(version, index);
        if (replaced == null) {
            return CompletableFuture.completedFuture(new Made(Result.FULL, null));
        }
        return store.add(draft.key(), version, draft.state(), index)
                .thenCompose(added -> store.remove(draft.key(), replaced))
                .thenApply(removed -> new Made(Result.MADE, version));
    }

    /** Returns the automatic versions that have to go for a new one; null if that is not enough. */
    private @Nullable List<String> replacedBy(Version added, VersionIndex index) {
        Limits limits = live.limits();
        int maxCount = limits.maxDocumentVersions() == 0 ? Integer.MAX_VALUE : limits.maxDocumentVersions();
        long maxBytes = limits.maxDocumentVersionBytes() == 0 ? Long.MAX_VALUE : limits.maxDocumentVersionBytes();
        List<Version> others = new ArrayList<>(index.versions());
        others.removeIf(version -> version.id().equals(added.id()));
        int count = others.size() + 1;
        long bytes = others.stream().mapToLong(Version::bytes).sum() + added.bytes();
        List<String> replaced = new ArrayList<>();
        for (Version version : others) {
            if (version.isAutomatic() && (count > maxCount || bytes > maxBytes)) {
                replaced.add(version.id());
                count--;
                bytes -= version.bytes();
            }
        }
        return count > maxCount || bytes > maxBytes ? null : replaced;
    }

    /** Removes a version; returns whether there was one. */
    public CompletionStage<Boolean> delete(String document, String id) {
        return store.present(document)
                .thenCompose(key -> store.inOrder(
                        key,
                        () -> store.index(key)
                                .thenCompose(index -> index.has(id)
                                        ? store.remove(key, List.of(id)).thenApply(done -> true)
                                        : CompletableFuture.completedFuture(false))));
    }

    /** Handles a tick of the clock: makes the automatic versions that are due, and removes too many from time to time. */
    void tick() {
        long nowMillis = live.time().millis();
        for (String name : live.unversioned().due(nowMillis, MAX_AT_ONCE)) {
            Long slotEndMillis = live.unversioned().slotEndMillis(name);
            if (slotEndMillis != null && busy.size() < MAX_AT_ONCE && busy.add(name)) {
                makeAutomatic(name, slotEndMillis);
            }
        }
        sweep.tick();
    }

    private void makeAutomatic(String name, long slotEndMillis) {
        Budget.Quota quota = live.budget().quota("");
        var unused = make(name, "", slotEndMillis, quota).whenComplete((made, failure) -> {
            quota.close();
            if (failure == null) {
                isFailing.set(false);
            } else if (isFailing.compareAndSet(false, true)) {
                LogSubject.document(name)
                        .log(
                                LOG,
                                Level.WARNING,
                                "no version of the document can be made now: a later one has it",
                                failure);
            }
            if (failure != null) {
                postpone(name, live.unversioned().take(name)); // else it is due again at once
            }
            busy.remove(name);
        });
    }
}
