package dev.tutti.document;

import dev.tutti.hub.Budget;
import dev.tutti.hub.TimeSource;
import dev.tutti.log.LogSubject;
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
 * Stores a live document: appends its changes, and folds them into a state from time to time. Confined to the document's run.
 *
 * <p>One operation is in flight at a time; changes that arrive meanwhile go together into the next write. A write that fails is repeated with
 * growing delays, together with later changes, as long as the process runs. A state replaces the rows that it covers, so the stored bytes
 * stay in proportion to the document. Rows of other servers become known when a state is written, or when the store reports that there may
 * be some; the document then merges them.
 */
final class Persistence {
    private static final Logger LOG = System.getLogger(Persistence.class.getName());

    private static final long FIRST_RETRY_NANOS = 250_000_000L;
    /** The delay doubles with each failure up to this shift: 4 seconds. */
    private static final int MAX_RETRY_SHIFT = 4;

    private enum Operation {
        APPEND,
        /** Write the whole state. */
        REPLACE,
        /** Read the rows of other servers. */
        READ
    }

    private final Budget budget;
    private final DocumentStore store;
    private final TimeSource time;
    private final DocumentMetrics metrics;
    private final String name;
    private final Predicate<byte[]> mergeForeign;
    private final Runnable onEnded;

    private final CoveredRows covered = new CoveredRows();
    /** Another server has removed the covered rows: the next write is the whole state. */
    private boolean isBaseless;
    /** There may be rows of other servers that the document has not merged. */
    private boolean isStale;

    /** The changes that no operation has begun to write. */
    private PendingWrite next;
    /** The changes that the operation in flight writes, none if it reads; null if no operation is in flight. */
    private @Nullable PendingWrite current;
    /** The result of the operation in flight, or of the last one. */
    private CompletableFuture<Replacement> result = CompletableFuture.failedFuture(new IllegalStateException());

    /** The operation in flight, or the last one. */
    private Operation operation = Operation.APPEND;

    /** Bytes of the row that the operation writes. */
    private long rowBytes;

    /** The document's state is unreliable and must not replace stored rows. */
    private boolean appendsOnly;

    /** The reason of the last failure, for people; null if the last operation succeeded. */
    private @Nullable String failure;

    private int failures;
    private long retryAtNanos;

    /**
     * Has nothing to store yet.
     *
     * @param mergeForeign applies an update that another server has stored, in the run; returns false if the document cannot apply it
     * @param onEnded is called on any thread when an operation has ended; {@link #check} must follow in a run
     */
    Persistence(LiveDocuments documents, String name, Predicate<byte[]> mergeForeign, Runnable onEnded) {
        this.budget = documents.budget();
        this.store = documents.store();
        this.time = documents.time();
        this.metrics = documents.metrics();
        this.name = name;
        this.mergeForeign = mergeForeign;
        this.onEnded = onEnded;
        this.next = new PendingWrite(budget);
    }

    /** Sets the rows from which the state was loaded. */
    void setLoaded(List<StoredUpdate> rows) {
        rows.forEach(row -> covered.add(row.id(), row.update().length));
    }

    /** Charges an address for an update or a receipt until all changes so far are stored. */
    void reserve(Budget.Quota quota, long bytes) {
        next.reserve(quota, bytes);
    }

    /** Adds a change that must be stored. */
    void add(byte[] update) {
        if (next.isEmpty()) {
            next.setBegan(time.nanos());
        }
        next.add(update);
    }

    /** Adds a change of another server that may not be stored: it is no change of this run. */
    void addForeign(byte[] update) {
        if (next.isEmpty()) {
            next.setBegan(time.nanos());
        }
        next.reserve(budget.quota(""), update.length);
        next.addMerged(update);
    }

    /** Returns whether rows of other servers are on their way, or will be read soon. */
    boolean isReading() {
        return failure == null && (isStale || (current != null && operation == Operation.READ));
    }

    /** Replaces the changes of this run by their merge, and returns it; null if there are none. */
    byte @Nullable [] mergeAdded() {
        return next.mergeAdded();
    }

    /** Runs a receipt once all changes so far are stored; at once if they are. A receipt does not throw. */
    void whenStored(Runnable receipt) {
        if (!next.isEmpty()) {
            next.addReceipt(receipt);
        } else if (current != null && operation != Operation.READ) {
            current.addReceipt(receipt);
        } else {
            receipt.run();
        }
    }

    /** Stores no state from here on, only changes: the document's state is unreliable. */
    void appendOnly() {
        appendsOnly = true;
    }

    /** Returns whether all changes are stored and no operation is in flight. */
    boolean isComplete() {
        return current == null && next.isEmpty();
    }

    /** Returns whether the store has no row of the document, and none is on the way. */
    boolean isEmpty() {
        return isComplete() && covered.isEmpty();
    }

    /** Returns whether the clock must ask for runs. */
    boolean isDue() {
        return failure != null || current != null;
    }

    /** Returns the reason why the last operation failed, for people; null if it succeeded. */
    @Nullable
    String failure() {
        return failure;
    }

    /** Returns the changes that may not be stored. */
    List<byte[]> unstored() {
        List<byte[]> unstored = new ArrayList<>(next.updates());
        if (current != null) {
            unstored.addAll(current.updates());
        }
        return unstored;
    }

    /** Reads the rows again before the next write. */
    void readAgain() {
        isStale = true;
    }

    /** Starts an operation if one is due, none is in flight, and no retry is delayed. */
    void write(YDocument state, long nowNanos) {
        if (isComplete()) {
            next.release(); // its receipts have run
        }
        if (current != null || (failure != null && nowNanos - retryAtNanos < 0)) {
            return;
        }
        if (isStale) {
            read(nowNanos);
        } else if (!next.isEmpty()) {
            begin(state, !appendsOnly && (isBaseless || (failure == null && covered.isFoldDue())), nowNanos);
        }
    }

    /**
     * Folds the stored rows into one state before the document is unloaded, if their tail is long.
     *
     * @param isDue whether to fold in any case
     * @return whether an operation is in flight
     */
    boolean foldAtUnload(YDocument state, boolean isDue, long nowNanos) {
        if (isComplete() && !appendsOnly && failure == null && (isDue || covered.isFoldDueAtUnload())) {
            begin(state, true, nowNanos);
        }
        return current != null;
    }

    private void begin(YDocument state, boolean isWhole, long nowNanos) {
        PendingWrite empty = new PendingWrite(budget);
        PendingWrite write = next;
        current = write;
        next = empty;
        operation = isWhole ? Operation.REPLACE : Operation.APPEND;
        call(
                () -> {
                    byte[] row = isWhole ? state.encode() : write.merge();
                    rowBytes = row.length;
                    return isWhole
                            ? store.replace(name, row, covered.ids())
                            : store.append(name, row).thenApply(id -> new Replacement(OptionalLong.of(id), List.of()));
                },
                nowNanos);
    }

    private void read(long nowNanos) {
        current = new PendingWrite(budget);
        operation = Operation.READ;
        isStale = false;
        call(() -> store.load(name).thenApply(rows -> new Replacement(OptionalLong.empty(), rows)), nowNanos);
    }

    private void call(Supplier<CompletionStage<Replacement>> call, long nowNanos) {
        try {
            result = call.get().toCompletableFuture();
        } catch (RuntimeException | Error e) {
            result = CompletableFuture.failedFuture(e);
        }
        if (result.isDone()) {
            check(nowNanos);
        } else {
            var unused = result.whenComplete((replacement, thrown) -> onEnded.run());
        }
    }

    /** Completes the operation in flight if it has ended. May be called again if it fails. */
    void check(long nowNanos) {
        PendingWrite write = current;
        if (write == null || !result.isDone()) {
            return;
        }
        Throwable thrown = result.handle((replacement, failed) -> failed).join();
        if (thrown != null) {
            next = write.joinedWith(next);
            current = null;
            retryLater(thrown, nowNanos);
            return;
        }
        Replacement replacement = result.join();
        boolean isWritten = replacement.id().isPresent() || write.isEmpty();
        learn(replacement);
        next = isWritten ? next : write.joinedWith(next);
        current = null;
        if (failure != null) {
            failure = null;
            failures = 0;
            LogSubject.document(name).log(LOG, Level.INFO, "the document is stored again", null);
        }
        if (isWritten) {
            write.complete();
            if (!write.isEmpty()) {
                metrics.acknowledgementTook(time.nanos() - write.beganNanos());
            }
        }
    }

    /** Updates the covered rows, and merges the rows of other servers. */
    private void learn(Replacement replacement) {
        Set<Long> before = operation == Operation.APPEND ? Set.of() : covered.ids();
        if (operation != Operation.APPEND) {
            covered.clear();
        }
        if (operation == Operation.REPLACE) {
            isBaseless = replacement.id().isEmpty();
        } else if (operation == Operation.READ && !before.isEmpty()) {
            isBaseless |= replacement.others().stream().noneMatch(row -> before.contains(row.id()));
        }
        replacement.id().ifPresent(id -> covered.add(id, rowBytes));
        for (StoredUpdate other : replacement.others()) {
            if (before.contains(other.id()) || mergeForeign.test(other.update())) {
                covered.add(other.id(), other.update().length);
            }
        }
    }

    private void retryLater(Throwable thrown, long nowNanos) {
        if (operation == Operation.READ) {
            isStale = true;
        } else if (operation == Operation.REPLACE) {
            covered.postponeFold(rowBytes);
        }
        Throwable cause = StoreException.causeOf(thrown);
        String reason = cause instanceof StoreException ? String.valueOf(cause.getMessage()) : "the store failed";
        boolean isNew = !reason.equals(failure);
        failure = reason;
        retryAtNanos = nowNanos + (FIRST_RETRY_NANOS << Math.min(failures++, MAX_RETRY_SHIFT));
        if (isNew) {
            LogSubject.document(name)
                    .log(LOG, Level.ERROR, "the document cannot be stored and is tried again: " + reason, cause);
        }
    }
}
