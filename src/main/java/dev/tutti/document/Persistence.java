package dev.tutti.document;

import dev.tutti.hub.Budget;
import dev.tutti.yjs.YDocument;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is new in a document and not yet stored, and who is to hear when it is. Confined to the document's run.
 *
 * <p>One write is under way at a time, and what comes meanwhile goes together into the next. A write that fails is made again, later and
 * later, with what came since; nothing is given up while the process runs. Now and then the whole state replaces the rows whose updates it
 * has, so that what is stored stays in proportion to it. Rows that other servers have written come to light then, or when the store says that
 * there may be some, and are merged.
 */
final class Persistence {
    private static final Logger LOG = System.getLogger(Persistence.class.getName());

    private static final long FIRST_RETRY_NANOS = 250_000_000L;
    private static final int MAX_RETRY_SHIFT = 4;

    /** What keeps an update or a receipt. */
    private static final int ENTRY_BYTES = 128;

    /** What the store was asked for. One is under way at a time. */
    private enum Operation {
        APPEND,
        /** Write the whole state. */
        REPLACE,
        /** Read what other servers have written. */
        READ
    }

    /** What is to be stored, and what to do when it is. */
    private final class PendingWrite {
        private final List<byte[]> updates = new ArrayList<>(1);
        private final List<Runnable> receipts = new ArrayList<>(1);
        private final Reservations held = new Reservations(budget, Budget.Share.RECEIPTS);
    }

    private final Budget budget;
    private final DocumentStore store;
    private final String name;
    private final Predicate<byte[]> merge;
    private final Runnable onWritten;

    private final CoveredRows known = new CoveredRows();
    /** The rows that were known are gone, removed by another server: the next write is the whole state. */
    private boolean isBaseless;
    /** There may be rows of other servers that are not known. */
    private boolean isStale;

    private PendingWrite next;
    /** What is being written, nothing if something is read; null if nothing is under way. */
    private @Nullable PendingWrite current;
    /** Ends with it. */
    private CompletableFuture<Replacement> write = CompletableFuture.failedFuture(new IllegalStateException());

    private Operation operation = Operation.APPEND;

    private long currentBytes;

    /** The state cannot be trusted, and does not replace what is stored. */
    private boolean appendsOnly;

    private @Nullable String failure;
    private int failures;
    private long retryAtNanos;

    /**
     * Begins with nothing to store.
     *
     * @param merge applies an update that another server has stored; called in the run; returns false if the document cannot take it
     * @param onWritten called on any thread when a write has ended; {@link #check} is to be called then
     */
    Persistence(Budget budget, DocumentStore store, String name, Predicate<byte[]> merge, Runnable onWritten) {
        this.budget = budget;
        this.store = store;
        this.name = name;
        this.merge = merge;
        this.onWritten = onWritten;
        this.next = new PendingWrite();
    }

    /** Hears which rows the state was made of. */
    void begin(List<StoredUpdate> stored) {
        stored.forEach(row -> known.add(row.id(), row.update().length));
    }

    /** Counts what is kept for an address until all is stored that came until now: an update, or a receipt. */
    void hold(Budget.Quota quota, long bytes) {
        next.held.add(quota, bytes + ENTRY_BYTES);
    }

    /** Takes what is new and has to be stored. */
    void add(byte[] update) {
        next.updates.add(update);
    }

    /** Has something done once all is stored that was added until now: at once if it is. A receipt does not throw. */
    void whenStored(Runnable receipt) {
        if (!next.updates.isEmpty()) {
            next.receipts.add(receipt);
        } else if (current != null && operation != Operation.READ) {
            current.receipts.add(receipt);
        } else {
            receipt.run();
        }
    }

    /** The state cannot be trusted any more: only what was added is stored. */
    void appendOnly() {
        appendsOnly = true;
    }

    /** Returns whether all that was added is stored. */
    boolean isComplete() {
        return current == null && next.updates.isEmpty();
    }

    /** Returns whether the store has nothing of the document, nor will have. */
    boolean isEmpty() {
        return isComplete() && known.isEmpty();
    }

    /** Returns whether the clock has something to do here. */
    boolean isDue() {
        return failure != null || current != null;
    }

    /** Returns why the last write failed, for people; null if it did not. */
    @Nullable
    String failure() {
        return failure;
    }

    /** Returns what was added and may not be stored. */
    List<byte[]> unsaved() {
        List<byte[]> unsaved = new ArrayList<>(next.updates);
        if (current != null) {
            unsaved.addAll(current.updates);
        }
        return unsaved;
    }

    /** Has the rows read again before anything else is written. */
    void readAgain() {
        isStale = true;
    }

    /** Begins to write what was added, unless a write is under way or has failed just now. */
    void write(YDocument state, long nowNanos) {
        if (isComplete()) {
            next.held.clear(); // nothing was new, and everybody knows
        }
        if (current != null || (failure != null && nowNanos - retryAtNanos < 0)) {
            return;
        }
        if (isStale) {
            read(nowNanos);
        } else if (!next.updates.isEmpty()) {
            begin(state, !appendsOnly && (isBaseless || (failure == null && known.isTailLong())), nowNanos);
        }
    }

    /**
     * Writes the whole state if much is stored beside the last one, as nobody has the document open.
     *
     * @param isDue whether to do so in any case
     * @return whether a write is under way
     */
    boolean fold(YDocument state, boolean isDue, long nowNanos) {
        if (isComplete() && !appendsOnly && failure == null && (isDue || known.isTailLongAtRest())) {
            begin(state, true, nowNanos);
        }
        return current != null;
    }

    private void begin(YDocument state, boolean whole, long nowNanos) {
        PendingWrite empty = new PendingWrite();
        current = next;
        next = empty;
        operation = whole ? Operation.REPLACE : Operation.APPEND;
        List<byte[]> updates = current.updates;
        begin(
                () -> {
                    byte[] bytes = whole ? state.encode() : ReceivedUpdates.merge(updates);
                    currentBytes = bytes.length;
                    return whole
                            ? store.replace(name, bytes, known.ids())
                            : store.append(name, bytes)
                                    .thenApply(id -> new Replacement(OptionalLong.of(id), List.of()));
                },
                nowNanos);
    }

    private void read(long nowNanos) {
        current = new PendingWrite();
        operation = Operation.READ;
        isStale = false;
        begin(() -> store.load(name).thenApply(rows -> new Replacement(OptionalLong.empty(), rows)), nowNanos);
    }

    private void begin(Supplier<CompletionStage<Replacement>> call, long nowNanos) {
        try {
            write = call.get().toCompletableFuture();
        } catch (RuntimeException | Error e) {
            write = CompletableFuture.failedFuture(e);
        }
        if (write.isDone()) {
            check(nowNanos);
        } else {
            var unused = write.whenComplete((result, failed) -> onWritten.run());
        }
    }

    /** Looks whether a write has ended, and then does what waited for it. If this fails, it can be called again. */
    void check(long nowNanos) {
        PendingWrite load = current;
        if (load == null || !write.isDone()) {
            return;
        }
        Throwable failed = write.handle((result, thrown) -> thrown).join();
        if (failed != null) {
            next = joined(load, next);
            current = null;
            retryLater(failed, nowNanos);
            return;
        }
        Replacement result = write.join();
        boolean isWritten = result.id().isPresent() || load.updates.isEmpty();
        learn(result);
        next = isWritten ? next : joined(load, next);
        current = null;
        if (failure != null) {
            failure = null;
            failures = 0;
            LOG.log(Level.INFO, "document {0} is stored again", name);
        }
        if (isWritten) {
            load.held.clear();
            load.receipts.forEach(Runnable::run);
        }
    }

    /** Notes which rows there are, and merges those of other servers. */
    private void learn(Replacement result) {
        Set<Long> before = operation == Operation.APPEND ? Set.of() : known.ids();
        if (operation != Operation.APPEND) {
            known.clear();
        }
        if (operation == Operation.REPLACE) {
            isBaseless = result.id().isEmpty();
        } else if (operation == Operation.READ && !before.isEmpty()) {
            isBaseless |= result.others().stream().noneMatch(row -> before.contains(row.id()));
        }
        result.id().ifPresent(id -> known.add(id, currentBytes));
        for (StoredUpdate other : result.others()) {
            if (before.contains(other.id()) || merge.test(other.update())) {
                known.add(other.id(), other.update().length);
            }
        }
    }

    private void retryLater(Throwable failed, long nowNanos) {
        if (operation == Operation.READ) {
            isStale = true;
        } else if (operation == Operation.REPLACE) {
            known.postponeState(currentBytes);
        }
        Throwable cause = StoreException.causeOf(failed);
        String reason = cause instanceof StoreException ? String.valueOf(cause.getMessage()) : "the store failed";
        boolean isNew = !reason.equals(failure);
        failure = reason;
        retryAtNanos = nowNanos + (FIRST_RETRY_NANOS << Math.min(failures++, MAX_RETRY_SHIFT));
        if (isNew) {
            LOG.log(Level.ERROR, "document " + name + " cannot be stored, and is tried again: " + reason, cause);
        }
    }

    /** Returns what was not stored and what came since, in one update. */
    private PendingWrite joined(PendingWrite load, PendingWrite since) {
        PendingWrite both = new PendingWrite();
        both.updates.addAll(load.updates);
        both.updates.addAll(since.updates);
        both.receipts.addAll(load.receipts);
        both.receipts.addAll(since.receipts);
        if (both.updates.size() > 1) {
            byte[] all = ReceivedUpdates.merge(both.updates);
            both.updates.clear();
            both.updates.add(all);
        }
        both.held.addAll(load.held);
        both.held.addAll(since.held);
        return both;
    }
}
