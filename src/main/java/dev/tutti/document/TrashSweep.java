package dev.tutti.document;

import dev.tutti.hub.Limits;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Removes old entries from the trash, the oldest ones of too many, and old notes of deletions. Each server sweeps, and finds little to do. Safe for
 * any thread.
 */
final class TrashSweep {
    private static final Logger LOG = System.getLogger(TrashSweep.class.getName());

    private static final long DAY_MILLIS = TimeUnit.DAYS.toMillis(1);

    /** Time in which copies of a deleted document are recognised, at least. */
    private static final long MIN_NOTE_MILLIS = 30 * DAY_MILLIS;

    /** Upper bound of the notes. */
    private static final int MAX_NOTES = 20_000;

    private static final long MAX_NOTE_BYTES = 64L << 20;

    /** Upper bound of a note without clients: a version, a time in six bytes, and a zero. */
    private static final int SHORT_NOTE_BYTES = 8;

    /** Upper bound of the bytes of the trash, and of those of the notes, if documents are in memory. */
    private static final long MAX_MEMORY_BYTES = 8L << 20;

    /** Time between two sweeps, beside those after deletions. */
    private static final long PERIOD_NANOS = TimeUnit.HOURS.toNanos(1);
    /** Time from the start to the first sweep. */
    private static final long FIRST_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final LiveDocuments live;
    private final VersionStore versions;
    private final AtomicBoolean isRunning = new AtomicBoolean();
    /** An entry was added while a sweep ran. */
    private final AtomicBoolean isStale = new AtomicBoolean();

    private volatile long dueNanos;

    TrashSweep(LiveDocuments live, VersionStore versions) {
        this.live = live;
        this.versions = versions;
        dueNanos = live.time().nanos() + FIRST_NANOS;
    }

    static long lifetimeMillis(Limits limits) {
        return limits.trashDays() * DAY_MILLIS;
    }

    void tick() {
        long nowNanos = live.time().nanos();
        if (nowNanos - dueNanos >= 0) {
            dueNanos = nowNanos + PERIOD_NANOS;
            run();
        }
    }

    /** Starts a sweep, or another one after the one that runs. */
    void run() {
        isStale.set(true);
        if (!isRunning.compareAndSet(false, true)) {
            return;
        }
        isStale.set(false);
        sweepEntries()
                .thenCompose(entries ->
                        sweepNotes().thenAccept(notes -> live.storeUsage().setReserved((long) entries + notes)))
                .whenComplete((done, failure) -> {
                    isRunning.set(false);
                    if (failure != null) {
                        LOG.log(Level.WARNING, "the trash cannot be swept now; it is tried again in an hour", failure);
                    } else if (isStale.get()) {
                        run();
                    }
                });
    }

    /** Removes entries; returns the number of those that stay. */
    private CompletionStage<Integer> sweepEntries() {
        return entries("").thenCompose(stored -> {
            List<TrashEntry> entries = stored.stream()
                    .sorted(Comparator.comparingLong(TrashEntry::deletedMillis).reversed())
                    .toList();
            List<TrashEntry> due = due(entries);
            return remove(due).thenApply(removed -> entries.size() - removed);
        });
    }

    /**
     * Returns the entries to remove.
     *
     * @param entries all, from the latest to the oldest
     */
    private List<TrashEntry> due(List<TrashEntry> entries) {
        Limits limits = live.limits();
        long oldestMillis = live.time().millis() - lifetimeMillis(limits);
        return due(
                entries,
                limits.maxTrashDocuments() == 0 ? Long.MAX_VALUE : limits.maxTrashDocuments(),
                limits.maxTrashBytes() == 0 ? Long.MAX_VALUE : limits.maxTrashBytes(),
                TrashEntry::bytes,
                entry -> entry.deletedMillis() <= oldestMillis);
    }

    /** Returns those that are old, and those behind the latest ones within both bounds; {@code all} is in this order. */
    private <T> List<T> due(List<T> all, long maxCount, long maxBytes, ToLongFunction<T> bytesOf, Predicate<T> isOld) {
        long max = live.store().memoryBytes() > 0 ? Math.min(maxBytes, MAX_MEMORY_BYTES) : maxBytes;
        List<T> due = new ArrayList<>();
        long bytes = 0;
        long kept = 0;
        for (T one : all) {
            bytes += bytesOf.applyAsLong(one);
            if (kept >= maxCount || bytes > max || isOld.test(one)) {
                due.add(one);
            } else {
                kept++;
            }
        }
        return due;
    }

    /** Shortens or removes notes; returns about the number of those that stay. */
    private CompletionStage<Integer> sweepNotes() {
        return live.store().listAll(Incarnation.NOTES).thenCompose(stored -> {
            long lifetime = Math.max(MIN_NOTE_MILLIS, lifetimeMillis(live.limits()));
            long oldestMillis = live.time().millis() - lifetime;
            List<StoredDocument> notes = stored.stream()
                    .sorted(Comparator.comparingLong(StoredDocument::changedMillis)
                            .reversed())
                    .toList();
            List<StoredDocument> due = due(
                    notes,
                    MAX_NOTES,
                    MAX_NOTE_BYTES,
                    StoredDocument::bytes,
                    note -> note.changedMillis() <= oldestMillis);
            CompletionStage<Void> shortened = CompletableFuture.completedFuture(null);
            for (StoredDocument note : due) {
                shortened = shortened.thenCompose(done -> shorten(note));
            }
            return shortened.thenApply(done -> notes.size());
        });
    }

    /** Removes a note if there is no document of its name; else only the clients in it, because the document still has this incarnation. */
    private CompletionStage<Void> shorten(StoredDocument note) {
        String document = note.name().substring(Incarnation.NOTES.length());
        return live.store().list(document, "", 1).thenCompose(found -> {
            boolean exists = !found.isEmpty() && found.get(0).name().equals(document);
            if (!exists) {
                return live.store().delete(note.name()).thenAccept(existed -> {});
            }
            return note.bytes() <= SHORT_NOTE_BYTES
                    ? CompletableFuture.completedFuture(null)
                    : removeClients(document, note.name());
        });
    }

    private CompletionStage<Void> removeClients(String document, String note) {
        return live.store().load(note).thenCompose(rows -> {
            Incarnation present = Incarnation.read(document, rows);
            byte[] content = present.withoutDeleted().encode();
            if (content.length == 0) {
                return live.store().delete(note).thenAccept(existed -> {});
            }
            return live.store()
                    .replace(note, content, rows.stream().map(StoredUpdate::id).collect(Collectors.toSet()))
                    .thenAccept(replaced -> {});
        });
    }

    /** Removes entries with the versions of their documents, one after another; returns the number of those that existed. */
    CompletionStage<Integer> remove(List<TrashEntry> entries) {
        CompletionStage<Integer> removed = CompletableFuture.completedFuture(0);
        for (TrashEntry entry : entries) {
            removed = removed.thenCompose(count -> remove(entry).thenApply(existed -> existed ? count + 1 : count));
        }
        return removed;
    }

    /** Returns the entries whose positions have a prefix, in the order of these; the limits of the trash bound their number. */
    CompletionStage<List<TrashEntry>> entries(String prefix) {
        return live.store().listAll(TrashEntry.PREFIX + prefix).thenApply(TrashEntry::allOf);
    }

    /** Keeps the versions of a missing entry, because it may have been restored. {@link VersionSweep} removes what a crash leaves of them. */
    private CompletionStage<Boolean> remove(TrashEntry entry) {
        return live.store()
                .delete(entry.storedName())
                .thenCompose(existed -> existed
                        ? versions.removeAll(entry.key()).thenApply(done -> true)
                        : CompletableFuture.completedFuture(false));
    }
}
