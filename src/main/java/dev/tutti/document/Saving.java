package dev.tutti.document;

import dev.tutti.yjs.YDocument;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is new in a document and not yet stored, and who is to hear when it is. Confined to the document's run.
 *
 * <p>One write is under way at a time, and what comes meanwhile goes together into the next. A write that fails is made again, later and
 * later, with what came since; nothing is given up while the process runs. Now and then the whole state replaces the rows whose updates it
 * has, so that what is stored stays in proportion to it. Rows that other servers have written come to light then, or when the store says that
 * there may be some, and are merged.
 */
final class Saving {
    private static final Logger LOG = System.getLogger(Saving.class.getName());

    private static final long FIRST_RETRY_NANOS = 250_000_000L;
    private static final int MAX_RETRY_SHIFT = 4;

    /** What the store was asked for. One is under way at a time. */
    private enum Operation {
        APPEND,
        /** Write the whole state. */
        REPLACE,
        /** Read what other servers have written. */
        READ
    }

    /** What is to be stored, and what to do when it is. */
    private static final class Load {
        private final List<byte[]> updates = new ArrayList<>(1);
        private final List<Runnable> receipts = new ArrayList<>(1);
    }

    /** The end of a write: its result, or the failure. */
    record Written(@Nullable Replacement result, @Nullable Throwable failure) {}

    private final DocumentStore store;
    private final String name;
    private final Predicate<byte[]> merge;
    private final Consumer<Written> onWritten;

    private final KnownRows known = new KnownRows();
    /** The rows that were known are gone, removed by another server: the next write is the whole state. */
    private boolean isBaseless;
    /** There may be rows of other servers that are not known. */
    private boolean isStale;

    private Load next = new Load();
    /** What is being written, nothing if something is read; null if nothing is under way. */
    private @Nullable Load current;

    private Operation operation = Operation.APPEND;

    private long currentBytes;

    private @Nullable String failure;
    private int failures;
    private long retryAtNanos;

    /**
     * Begins with nothing to store.
     *
     * @param merge applies an update that another server has stored; called in the run; returns false if the document cannot take it
     * @param onWritten called on any thread when a write has ended; {@link #written} is to be called then
     */
    Saving(DocumentStore store, String name, Predicate<byte[]> merge, Consumer<Written> onWritten) {
        this.store = store;
        this.name = name;
        this.merge = merge;
        this.onWritten = onWritten;
    }

    /** Hears which rows the state was made of. */
    void begin(List<StoredUpdate> stored) {
        stored.forEach(row -> known.add(row.id(), row.update().length));
    }

    /** Takes what is new and has to be stored. */
    void add(byte[] update) {
        next.updates.add(update);
    }

    /** Has something done once all is stored that was added until now: at once if it is. */
    void whenStored(Runnable receipt) {
        if (!next.updates.isEmpty()) {
            next.receipts.add(receipt);
        } else if (current != null && operation != Operation.READ) {
            current.receipts.add(receipt);
        } else {
            receipt.run();
        }
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
        return failure != null;
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
        if (current != null || (failure != null && nowNanos - retryAtNanos < 0)) {
            return;
        }
        if (isStale) {
            read(nowNanos);
        } else if (!next.updates.isEmpty()) {
            begin(state, isBaseless || (failure == null && known.isTailLong()), nowNanos);
        }
    }

    /**
     * Writes the whole state if much is stored beside the last one, as nobody has the document open.
     *
     * @param isDue whether to do so in any case
     * @return whether a write is under way
     */
    boolean fold(YDocument state, boolean isDue, long nowNanos) {
        if (isComplete() && failure == null && (isDue || known.isTailLongAtRest())) {
            begin(state, true, nowNanos);
        }
        return current != null;
    }

    private void begin(YDocument state, boolean whole, long nowNanos) {
        current = next;
        next = new Load();
        operation = whole ? Operation.REPLACE : Operation.APPEND;
        byte[] bytes = whole ? state.encode() : Contributions.merge(current.updates);
        currentBytes = bytes.length;
        CompletionStage<Replacement> stage = whole
                ? store.replace(name, bytes, known.ids())
                : store.append(name, bytes).thenApply(id -> new Replacement(OptionalLong.of(id), List.of()));
        await(stage, nowNanos);
    }

    private void read(long nowNanos) {
        current = new Load();
        operation = Operation.READ;
        isStale = false;
        await(store.load(name).thenApply(rows -> new Replacement(OptionalLong.empty(), rows)), nowNanos);
    }

    private void await(CompletionStage<Replacement> stage, long nowNanos) {
        CompletableFuture<Replacement> write = stage.toCompletableFuture();
        if (write.isDone() && !write.isCompletedExceptionally()) {
            written(new Written(write.join(), null), nowNanos);
        } else {
            var unused = write.whenComplete((result, failed) -> onWritten.accept(new Written(result, failed)));
        }
    }

    /** Hears how a write has ended, and does what waited for it. */
    void written(Written written, long nowNanos) {
        Load load = current;
        if (load == null) {
            throw new IllegalStateException("nothing is being written");
        }
        current = null;
        Replacement result = written.result;
        if (result == null) {
            retryLater(load, written.failure, nowNanos);
            return;
        }
        if (failure != null) {
            LOG.log(Level.INFO, "document {0} is stored again", name);
        }
        failure = null;
        failures = 0;
        learn(result);
        if (result.id().isEmpty() && !load.updates.isEmpty()) {
            putBack(load);
        } else {
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

    private void retryLater(Load load, @Nullable Throwable failed, long nowNanos) {
        Throwable cause = failed == null ? null : StoreException.causeOf(failed);
        String reason = cause instanceof StoreException ? String.valueOf(cause.getMessage()) : "the store failed";
        if (!reason.equals(failure)) {
            LOG.log(Level.ERROR, "document " + name + " cannot be stored, and is tried again: " + reason, cause);
        }
        failure = reason;
        retryAtNanos = nowNanos + (FIRST_RETRY_NANOS << Math.min(failures++, MAX_RETRY_SHIFT));
        if (operation == Operation.READ) {
            isStale = true;
        } else if (operation == Operation.REPLACE) {
            known.postponeState(currentBytes);
        }
        putBack(load);
    }

    /** Has a load written again, with what came since. */
    private void putBack(Load load) {
        load.updates.addAll(next.updates);
        load.receipts.addAll(next.receipts);
        next = load;
        if (next.updates.size() > 1) {
            byte[] all = Contributions.merge(next.updates);
            next.updates.clear();
            next.updates.add(all);
        }
    }
}
