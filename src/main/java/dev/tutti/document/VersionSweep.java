package dev.tutti.document;

import dev.tutti.document.DocumentKey.Entry;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Each hour it counts the versions of all documents, removes the oldest automatic ones if all together are too large, and removes those without a
 * document: a server may stop, or make a version, while another removes the document for ever. Each server does so, and finds little to do. Safe for any
 * thread.
 */
final class VersionSweep {
    private static final Logger LOG = System.getLogger(VersionSweep.class.getName());

    /** Upper bound of the bytes of all versions if documents are in memory. */
    private static final long MAX_MEMORY_BYTES = 8L << 20;

    private static final long PERIOD_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final long FIRST_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long HOUR_MILLIS = TimeUnit.HOURS.toMillis(1);
    private static final int PAGE = 1_000;

    /** Documents whose existence one sweep checks; the next one goes on after them. */
    private static final int MAX_CHECKED = 200;

    private static final CompletionStage<Void> NOTHING = CompletableFuture.completedFuture(null);

    private final LiveDocuments live;
    private final VersionStore store;
    private final AtomicBoolean isRunning = new AtomicBoolean();
    private volatile long beganNanos;
    private volatile long dueNanos;

    /** The name before the first document to check. The sweep that runs writes it. */
    private volatile String checkedTo = "";

    VersionSweep(LiveDocuments live, VersionStore store) {
        this.live = live;
        this.store = store;
        beganNanos = live.time().nanos();
        dueNanos = beganNanos + FIRST_NANOS;
    }

    /** The sums of one sweep. Confined to it. */
    private static final class Tally {
        long count;
        long bytes;
        /** Bytes of the automatic versions of each hour. */
        final TreeMap<Long, Long> automaticBytes = new TreeMap<>();

        void add(StoredDocument stored, Entry entry) {
            count++;
            if (!entry.isIndex()) {
                bytes += stored.bytes();
            }
            if (Version.isAutomatic(entry.id()) && Version.madeMillis(entry.id()) >= 0) {
                automaticBytes.merge(Version.madeMillis(entry.id()) / HOUR_MILLIS, stored.bytes(), Long::sum);
            }
        }

        /** Returns the time before which automatic versions have to go; 0 for none. */
        long oldestMillis(long maxBytes) {
            long left = bytes;
            long oldest = 0;
            for (Map.Entry<Long, Long> hour : automaticBytes.entrySet()) {
                if (left <= maxBytes) {
                    break;
                }
                left -= hour.getValue();
                oldest = (hour.getKey() + 1) * HOUR_MILLIS;
            }
            return oldest;
        }
    }

    private long maxBytes() {
        long max = live.limits().maxVersionBytes() == 0
                ? Long.MAX_VALUE
                : live.limits().maxVersionBytes();
        return live.store().memoryBytes() > 0 ? Math.min(max, MAX_MEMORY_BYTES) : max;
    }

    /** Returns whether so many more bytes are refused: an eighth above the limit, because a sweep makes room later. */
    boolean isFull(long moreBytes) {
        long max = maxBytes();
        return live.storeUsage().versionBytes() + moreBytes - max / 8 > max;
    }

    void tick() {
        long nowNanos = live.time().nanos();
        if (nowNanos - dueNanos >= 0) {
            run();
        }
    }

    /** Sweeps soon, because there is no room; but however many ask, a minute after the last sweep. */
    void hasten() {
        long soonNanos = beganNanos + FIRST_NANOS;
        if (dueNanos - soonNanos > 0) {
            dueNanos = soonNanos;
        }
    }

    /** Starts a sweep unless one runs. */
    private void run() {
        if (!isRunning.compareAndSet(false, true)) {
            return;
        }
        beganNanos = live.time().nanos();
        dueNanos = beganNanos + PERIOD_NANOS;
        Tally tally = new Tally();
        var unused = count("", tally)
                .thenCompose(done -> {
                    live.storeUsage().setVersions(tally.count, tally.bytes);
                    long oldestMillis = tally.oldestMillis(maxBytes());
                    return oldestMillis == 0 ? NOTHING : removeOlder("", oldestMillis);
                })
                .thenCompose(done -> removeOrphans(MAX_CHECKED))
                .whenComplete((done, failure) -> {
                    isRunning.set(false);
                    if (failure != null) {
                        LOG.log(Level.WARNING, "versions cannot be swept now; it is tried again in an hour", failure);
                    }
                });
    }

    private CompletionStage<Void> count(String after, Tally tally) {
        return live.store().list(DocumentKey.PREFIX, after, PAGE).thenCompose(page -> {
            for (StoredDocument stored : page) {
                Entry entry = DocumentKey.entry(stored.name());
                if (entry != null) {
                    tally.add(stored, entry);
                }
            }
            return page.size() < PAGE ? NOTHING : count(page.get(PAGE - 1).name(), tally);
        });
    }

    /** Removes the automatic versions from before a time. */
    private CompletionStage<Void> removeOlder(String after, long oldestMillis) {
        return live.store().list(DocumentKey.PREFIX, after, PAGE).thenCompose(page -> {
            Map<DocumentKey, List<String>> old = new LinkedHashMap<>();
            for (StoredDocument stored : page) {
                Entry entry = DocumentKey.entry(stored.name());
                if (entry != null && isOlder(entry.id(), oldestMillis)) {
                    old.computeIfAbsent(entry.key(), key -> new ArrayList<>()).add(entry.id());
                }
            }
            CompletionStage<Void> removed = NOTHING;
            for (var one : old.entrySet()) {
                removed = removed.thenCompose(
                        done -> store.inOrder(one.getKey(), () -> store.remove(one.getKey(), one.getValue())));
            }
            return page.size() < PAGE
                    ? removed
                    : removed.thenCompose(done -> removeOlder(page.get(PAGE - 1).name(), oldestMillis));
        });
    }

    private static boolean isOlder(String id, long oldestMillis) {
        long millis = Version.madeMillis(id);
        return Version.isAutomatic(id) && millis >= 0 && millis < oldestMillis;
    }

    /** Checks the next documents that have versions, up to {@code left}. */
    private CompletionStage<Void> removeOrphans(int left) {
        return live.store().list(DocumentKey.PREFIX, checkedTo, 1).thenCompose(found -> {
            Entry entry =
                    found.isEmpty() ? null : DocumentKey.entry(found.get(0).name());
            if (entry == null) {
                checkedTo = found.isEmpty() ? "" : found.get(0).name();
                return NOTHING;
            }
            checkedTo = entry.key().prefix() + "\uffff";
            return exists(entry.key())
                    .thenCompose(exists -> exists
                            ? store.removeLost(entry.key(), live.time().millis() - HOUR_MILLIS)
                            : store.removeAll(entry.key()))
                    .thenCompose(done -> left > 1 ? removeOrphans(left - 1) : NOTHING);
        });
    }

    /** Returns whether the store has the document in this incarnation, or the trash has. It looks into the trash twice, because the document may go there or come back meanwhile. */
    private CompletionStage<Boolean> exists(DocumentKey key) {
        return isInTrash(key)
                .thenCompose(before -> before ? CompletableFuture.completedFuture(true) : isPresent(key))
                .thenCompose(present -> present ? CompletableFuture.completedFuture(true) : isInTrash(key));
    }

    private CompletionStage<Boolean> isPresent(DocumentKey key) {
        return store.present(key.document())
                .thenCompose(present -> present.equals(key)
                        ? live.store().list(key.document(), "", 1)
                        : CompletableFuture.completedFuture(List.<StoredDocument>of()))
                .thenApply(found -> !found.isEmpty() && found.get(0).name().equals(key.document()));
    }

    private CompletionStage<Boolean> isInTrash(DocumentKey key) {
        return isInTrash(key, "");
    }

    private CompletionStage<Boolean> isInTrash(DocumentKey key, String after) {
        return live.store()
                .list(TrashEntry.PREFIX + key.document() + "/", after, PAGE)
                .thenCompose(found -> {
                    boolean isThere = TrashEntry.allOf(found).stream()
                            .anyMatch(entry -> entry.key().equals(key));
                    return isThere || found.size() < PAGE
                            ? CompletableFuture.completedFuture(isThere)
                            : isInTrash(key, found.get(PAGE - 1).name());
                });
    }
}
