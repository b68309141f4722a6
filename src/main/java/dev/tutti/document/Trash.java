package dev.tutti.document;

import dev.tutti.document.Documents.Deletion;
import dev.tutti.event.Event;
import dev.tutti.log.LogSubject;
import dev.tutti.yjs.DocumentLimits;
import dev.tutti.yjs.DocumentTrace;
import dev.tutti.yjs.YDocument;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The deleted documents, which can be restored for some days. One in the trash is a document of the store under another name, and the {@link
 * Incarnation} that follows it is a note there; the store writes both at once. Safe for any thread; no method blocks.
 */
public final class Trash {
    private static final Logger LOG = System.getLogger(Trash.class.getName());

    /** The result of {@link #restore}. */
    public enum Restoration {
        RESTORED,
        /** The trash has no such entry. */
        UNKNOWN,
        /** There is a document of this name. */
        TAKEN,
        /** A client has a document of this name open. */
        OPEN
    }

    /** A deletion in the store: its result, and the present incarnation. */
    private record Written(DocumentMove.Result result, Incarnation incarnation) {
        boolean isDone() {
            return result == DocumentMove.Result.MOVED;
        }
    }

    private final LiveDocuments live;
    private final TrashSweep sweep;
    private final VersionStore versions;

    Trash(LiveDocuments live, VersionStore versions) {
        this.live = live;
        this.versions = versions;
        this.sweep = new TrashSweep(live, versions);
    }

    /**
     * Lists entries in the order of {@link TrashEntry#position}.
     *
     * @param prefix of the names that the documents had; empty for all
     * @param after the position before the first result; empty to begin with the first entry
     */
    public CompletionStage<List<TrashEntry>> list(String prefix, String after, int max) {
        String begin = after.isEmpty() ? "" : TrashEntry.PREFIX + after + "/\uffff";
        return live.store().list(TrashEntry.PREFIX + prefix, begin, max).thenApply(TrashEntry::allOf);
    }

    /** Returns the time at which an entry is removed, in milliseconds since 1970. */
    public long expiresMillis(TrashEntry entry) {
        return entry.deletedMillis() + TrashSweep.lifetimeMillis(live.limits());
    }

    /** Adds a document; see {@link Documents#delete}. */
    CompletionStage<Deletion> add(String name) {
        return ifOpenNowhere(name, Deletion.OPEN, () -> addHere(name)).thenApply(deletion -> {
            if (deletion == Deletion.DELETED) {
                closeOnOthers(name);
                sweep.run();
            }
            return deletion;
        });
    }

    private CompletionStage<Deletion> addHere(String name) {
        LiveDocument deleted = live.addUnlessLive(name);
        if (deleted == null) {
            return CompletableFuture.completedFuture(Deletion.OPEN);
        }
        CompletionStage<Written> written = Incarnation.load(live.store(), name)
                .thenCompose(present -> trace(name).thenCompose(trace -> moveToTrash(name, present, trace)));
        return deleted.beginUnopened(written.thenApply(done -> {
                    notifyIfDeleted(name, done.isDone());
                    return new StoredContent(List.of(), done.incarnation);
                }))
                .thenCompose(unloaded -> written)
                .thenApply(done -> done.isDone() ? Deletion.DELETED : Deletion.UNKNOWN);
    }

    private CompletionStage<Written> moveToTrash(String name, Incarnation present, DocumentTrace trace) {
        Incarnation next = present.next(trace, live.time().millis());
        TrashEntry entry = new TrashEntry(name, next.id(), present.id(), 0);
        DocumentMove move = new DocumentMove(name, entry.storedName(), Incarnation.noteOf(name), next.encode());
        return live.store()
                .move(move)
                .thenApply(result -> new Written(result, result == DocumentMove.Result.MOVED ? next : present));
    }

    /** Returns the clients of a document; empty if there is no memory to read it, or it is damaged: it can be deleted all the same. */
    private CompletionStage<DocumentTrace> trace(String name) {
        DocumentMemory memory = new DocumentMemory(live.budget());
        return live.store().load(name, memory::tryReserve).handle((rows, failure) -> {
            try {
                return failure == null ? trace(rows) : DocumentTrace.EMPTY;
            } finally {
                memory.clear();
            }
        });
    }

    private static DocumentTrace trace(List<StoredUpdate> rows) {
        try {
            List<byte[]> updates = rows.stream().map(StoredUpdate::update).toList();
            return DocumentTrace.of(
                    YDocument.decode(updates, DocumentLimits.DEFAULT).stateVector());
        } catch (MalformedUpdateException | RuntimeException e) {
            return DocumentTrace.EMPTY;
        }
    }

    /** Posts the event before the document is opened again, so that the events are in order. */
    private void notifyIfDeleted(String name, boolean existed) {
        if (existed) {
            live.unversioned().forget(name);
        }
        if (existed && live.events().areWanted()) {
            live.events().post(new Event.DocumentDeleted(live.time().millis(), name));
        }
    }

    /**
     * Restores an entry as a document, whose earlier copies are valid again if it gets its earlier name.
     *
     * @param deletedMillis of the entry; empty for the latest of this name
     * @param target a name that {@link dev.tutti.hub.RoomName#isValid} accepts, and that no document has
     * @return fails as {@link Documents#delete} does
     */
    public CompletionStage<Restoration> restore(String document, OptionalLong deletedMillis, String target) {
        return entries(document, deletedMillis).thenCompose(entries -> {
            if (entries.isEmpty()) {
                return CompletableFuture.completedFuture(Restoration.UNKNOWN);
            }
            TrashEntry latest = entries.get(entries.size() - 1);
            return ifOpenNowhere(target, Restoration.OPEN, () -> restoreHere(latest, target))
                    .thenApply(restoration -> {
                        if (restoration == Restoration.RESTORED) {
                            closeOnOthers(target);
                        }
                        return restoration;
                    });
        });
    }

    private CompletionStage<Restoration> restoreHere(TrashEntry entry, String target) {
        LiveDocument restored = live.addUnlessLive(target);
        if (restored == null) {
            return CompletableFuture.completedFuture(Restoration.OPEN);
        }
        CompletionStage<DocumentMove.Result> moved = Incarnation.load(live.store(), target)
                .thenCompose(present -> {
                    boolean hasItsName = target.equals(entry.document());
                    return restore(entry, target, hasItsName ? present.restored(entry.incarnation()) : present);
                });
        return restored.loadUnopened(moved).thenCompose(unloaded -> moved).thenApply(result -> switch (result) {
            case MOVED -> {
                live.storeUsage().addReserved(-1);
                yield Restoration.RESTORED;
            }
            case UNKNOWN -> Restoration.UNKNOWN;
            case TAKEN -> Restoration.TAKEN;
        });
    }

    private CompletionStage<DocumentMove.Result> restore(TrashEntry entry, String target, Incarnation next) {
        return live.store()
                .move(new DocumentMove(entry.storedName(), target, Incarnation.noteOf(target), next.encode()))
                .thenCompose(result -> result == DocumentMove.Result.MOVED
                        ? moveVersions(entry.key(), new DocumentKey(target, next.id()))
                                .thenApply(done -> result)
                        : CompletableFuture.completedFuture(result));
    }

    /** Moves versions; without them, the document is restored all the same. */
    private CompletionStage<Void> moveVersions(DocumentKey from, DocumentKey to) {
        return versions.moveAll(from, to).exceptionally(failure -> {
            LogSubject.document(to.document())
                    .log(
                            LOG,
                            Level.WARNING,
                            "versions of the restored document are not moved to its new name",
                            failure);
            return null;
        });
    }

    /**
     * Removes entries for ever, with their versions.
     *
     * @param deletedMillis of the entry; empty for all of this name
     * @return the number of removed entries
     */
    public CompletionStage<Integer> purge(String document, OptionalLong deletedMillis) {
        return entries(document, deletedMillis).thenCompose(sweep::remove);
    }

    /** Returns the entries of a name, from the oldest to the latest. */
    private CompletionStage<List<TrashEntry>> entries(String document, OptionalLong deletedMillis) {
        return sweep.entries(document + "/")
                .thenApply(entries -> entries.stream()
                        .filter(entry -> deletedMillis.isEmpty() || entry.deletedMillis() == deletedMillis.getAsLong())
                        .toList());
    }

    private <T> CompletionStage<T> ifOpenNowhere(String name, T open, Supplier<CompletionStage<T>> action) {
        DocumentRelay relay = live.relay();
        if (relay == null) {
            return action.get();
        }
        return LiveDocuments.countCopies(name, relay)
                .thenCompose(count -> count > 0 ? CompletableFuture.completedFuture(open) : action.get());
    }

    /** Closes the document on servers where a client has opened it meanwhile. */
    private void closeOnOthers(String name) {
        DocumentRelay relay = live.relay();
        if (relay != null) {
            var unused = relay.send(name, new RelayMessage.Deleted(relay.newOrigin()).encode());
        }
    }

    /** Handles a tick of the clock: removes old entries from time to time. */
    void tick() {
        sweep.tick();
    }
}
