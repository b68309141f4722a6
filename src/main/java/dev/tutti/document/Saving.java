package dev.tutti.document;

import dev.tutti.yjs.YDocument;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is new in a document and not yet stored, and who is to hear when it is. Confined to the document's run.
 *
 * <p>One write is under way at a time, and what comes meanwhile goes together into the next. A write that fails is made again, later and
 * later, with what came since; nothing is given up while the process runs. Now and then the whole state is written in the place of all that
 * was, so that what is stored stays in proportion to it.
 */
final class Saving {
    private static final Logger LOG = System.getLogger(Saving.class.getName());

    /** What is stored beside the last state may grow to this size, or to that of the state. */
    private static final long MIN_TAIL_BYTES = 16 * 1024;

    /** What may stay beside the last state when the document is put away: this, and a quarter of the state. */
    private static final long MIN_RESTING_BYTES = 1024;

    private static final long FIRST_RETRY_NANOS = 250_000_000L;
    private static final int MAX_RETRY_SHIFT = 4;

    /** What is to be stored, and what to do when it is. */
    private static final class Load {
        private final List<byte[]> updates = new ArrayList<>(1);
        private final List<Runnable> receipts = new ArrayList<>(1);
    }

    private final DocumentStore store;
    private final String name;
    private final Consumer<@Nullable Throwable> onWritten;

    private Load next = new Load();
    /** What is being written; null if nothing is. */
    private @Nullable Load current;
    /** What is being written is the whole state. */
    private boolean folds;

    private long currentBytes;
    /** The length of the last whole state. */
    private long stateBytes;
    /** The length of all that is stored beside it. */
    private long tailBytes;
    /** The tail at which the next state is due, at least: more than the usual after a state could not be written. */
    private long minTailBytes = MIN_TAIL_BYTES;

    private @Nullable String failure;
    private int failures;
    private long retryAtNanos;

    /**
     * Begins with nothing to store.
     *
     * @param onWritten called on any thread when a write has ended, with the failure or null; {@link #written} is to be called then
     */
    Saving(DocumentStore store, String name, Consumer<@Nullable Throwable> onWritten) {
        this.store = store;
        this.name = name;
        this.onWritten = onWritten;
    }

    /** Hears what the store has: the first is taken for the state. */
    void begin(List<byte[]> stored) {
        for (byte[] update : stored) {
            tailBytes += update.length;
        }
        stateBytes = stored.isEmpty() ? 0 : stored.get(0).length;
        tailBytes -= stateBytes;
    }

    /** Takes what is new and has to be stored. */
    void add(byte[] update) {
        next.updates.add(update);
    }

    /** Has something done once all is stored that was added until now: at once if it is. */
    void whenStored(Runnable receipt) {
        if (!next.updates.isEmpty()) {
            next.receipts.add(receipt);
        } else if (current != null) {
            current.receipts.add(receipt);
        } else {
            receipt.run();
        }
    }

    /** Returns whether all that was added is stored. */
    boolean isComplete() {
        return current == null && next.updates.isEmpty();
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

    /** Begins to write what was added, unless a write is under way or has failed just now. */
    void write(YDocument state, long nowNanos) {
        if (current == null && !next.updates.isEmpty() && (failure == null || nowNanos - retryAtNanos >= 0)) {
            begin(state, failure == null && tailBytes > Math.max(minTailBytes, stateBytes), nowNanos);
        }
    }

    /**
     * Writes the whole state if much is stored beside the last one, as nobody has the document open.
     *
     * @return whether a write is under way
     */
    boolean fold(YDocument state, long nowNanos) {
        if (isComplete() && failure == null && tailBytes > stateBytes / 4 + MIN_RESTING_BYTES) {
            begin(state, true, nowNanos);
        }
        return current != null;
    }

    private void begin(YDocument state, boolean whole, long nowNanos) {
        current = next;
        next = new Load();
        folds = whole;
        byte[] bytes = whole ? state.encode() : Contributions.merge(current.updates);
        currentBytes = bytes.length;
        CompletableFuture<Void> write = whole
                ? store.replace(name, bytes).toCompletableFuture()
                : store.append(name, bytes).toCompletableFuture();
        if (write.isDone() && !write.isCompletedExceptionally()) {
            written(null, nowNanos);
        } else {
            var unused = write.whenComplete((done, failed) -> onWritten.accept(failed));
        }
    }

    /** Hears how a write has ended, and does what waited for it. */
    void written(@Nullable Throwable failed, long nowNanos) {
        Load load = current;
        if (load == null) {
            throw new IllegalStateException("nothing is being written");
        }
        current = null;
        if (failed != null) {
            retryLater(load, failed, nowNanos);
            return;
        }
        stateBytes = folds ? currentBytes : stateBytes;
        tailBytes = folds ? 0 : tailBytes + currentBytes;
        minTailBytes = folds ? MIN_TAIL_BYTES : minTailBytes;
        if (failure != null) {
            LOG.log(Level.INFO, "document {0} is stored again", name);
        }
        failure = null;
        failures = 0;
        load.receipts.forEach(Runnable::run);
    }

    private void retryLater(Load load, Throwable failed, long nowNanos) {
        Throwable cause = StoreException.causeOf(failed);
        String reason = cause instanceof StoreException ? String.valueOf(cause.getMessage()) : "the store failed";
        if (!reason.equals(failure)) {
            LOG.log(Level.ERROR, "document " + name + " cannot be stored, and is tried again: " + reason, cause);
        }
        failure = reason;
        retryAtNanos = nowNanos + (FIRST_RETRY_NANOS << Math.min(failures++, MAX_RETRY_SHIFT));
        if (folds) {
            minTailBytes = 2 * (tailBytes + currentBytes);
        }
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
