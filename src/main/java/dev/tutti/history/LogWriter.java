package dev.tutti.history;

import dev.tutti.document.Replacement;
import dev.tutti.document.StoreException;
import dev.tutti.history.LogRow.Keyed;
import dev.tutti.hub.History;
import dev.tutti.hub.Position;
import dev.tutti.log.LogSubject;
import dev.tutti.security.UnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Writes the publications of one room to the store, and acknowledges them. One write is under way at a time, and the next one takes all that
 * has come meanwhile: a row with the new publications, or, when the rows hold much that the room no longer retains, a state instead of all rows.
 *
 * <p>After a write that failed, all publications that wait for it are refused: they may get lost. They stay in memory as long as the room retains
 * them, and the writer tries again. Guarded by the room; it encodes and calls the store outside the monitor.
 */
final class LogWriter implements Runnable {
    private static final Logger LOG = System.getLogger(LogWriter.class.getName());

    private static final long FIRST_RETRY_NANOS = 250_000_000L;
    /** The delay doubles with each failure up to this shift: 4 seconds. */
    private static final int MAX_RETRY_SHIFT = 4;

    /** About the memory of an acknowledgement that waits. */
    private static final int WAITING_BYTES = 160;

    /** A call that waits until all changes up to a number are stored. */
    private record Waiting(long change, int bytes, Position position, CompletableFuture<Position> stage) {}

    /**
     * A write that is under way.
     *
     * @param change up to which it stores all changes
     * @param covered the rows that it replaces if it is a state
     */
    private record Write(LogRow row, long change, Set<Long> covered) {}

    /** The result of a write. */
    private record Written(int rowBytes, Replacement result) {}

    private final String room;
    private final DurableLogs logs;
    /** The room's monitor. */
    private final Object monitor;

    private final History history;
    private final Map<String, Long> endedEpochs;
    private final StoredRows rows;

    private long serial;
    /** The last offset that is in the store. */
    private long storedOffset;
    /** The number of publications and deletions since the room was loaded, and of those that are stored. */
    private long changes;

    private long storedChanges;
    /** The next write is a state: the rows do not lead to the state of the room. */
    private boolean mustFold;

    private boolean isWriting;

    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private int waitingBytes;

    /** The reason of the last failure, for people; null if the last write succeeded. */
    private @Nullable String failure;

    private int failures;
    private long retryAtNanos;

    /**
     * Has nothing to write.
     *
     * @param history of the room, which begins with the stored one
     * @param stored the content of the rows
     */
    LogWriter(String room, DurableLogs logs, Object monitor, History history, StoredLog stored) {
        this.room = room;
        this.logs = logs;
        this.monitor = monitor;
        this.history = history;
        this.endedEpochs = Map.copyOf(stored.endedEpochs());
        this.rows = stored.rows();
        this.serial = stored.serial();
        this.storedOffset = stored.last();
    }

    /** Returns the bytes of the publications and acknowledgements that wait to be stored. */
    int waitingBytes() {
        return waitingBytes;
    }

    /** Returns whether there is something that is not stored, or a write is under way. */
    boolean isBusy() {
        return isWriting || changes > storedChanges;
    }

    /** The history has a publication more. */
    void added() {
        changes++;
        writeIfDue();
    }

    /** The history was emptied, or has begun another epoch. */
    void replaced() {
        changes++;
        mustFold = true;
        writeIfDue();
    }

    /** Returns whether a publication is in the store. */
    boolean isStored(long offset) {
        return offset <= storedOffset;
    }

    /**
     * Returns a stage that completes when all changes so far are stored.
     *
     * @param bytes of memory of the changes that wait for this
     * @param result of the stage
     */
    CompletionStage<Position> whenStored(int bytes, Position result) {
        writeIfDue();
        if (!isBusy()) {
            return CompletableFuture.completedFuture(result);
        }
        if (!isWriting) {
            return CompletableFuture.failedFuture(unavailable());
        }
        Waiting last = new Waiting(changes, bytes + WAITING_BYTES, result, new CompletableFuture<>());
        waiting.add(last);
        waitingBytes += last.bytes;
        return last.stage;
    }

    private UnavailableException unavailable() {
        return new UnavailableException("not stored, and may get lost: " + failure);
    }

    /** Begins a write if there is something to write, none is under way, and no retry is delayed. */
    void writeIfDue() {
        boolean isDue = changes > storedChanges || rows.isFoldDue(history.isEmpty());
        if (!isDue || isWriting || (failure != null && logs.nanos() - retryAtNanos < 0)) {
            return;
        }
        isWriting = true;
        logs.execute(this);
    }

    /** Begins a write. */
    @Override
    public void run() {
        Write write;
        synchronized (monitor) {
            write = next();
        }
        var unused = begin(write).whenComplete((result, thrown) -> logs.execute(() -> end(write, result, thrown)));
    }

    private CompletionStage<Written> begin(Write write) {
        try {
            logs.requireUndisturbed();
            byte[] row = LogRowFormat.encode(write.row);
            CompletionStage<Replacement> done = write.row.isState()
                    ? logs.store().replace(room, row, write.covered)
                    : logs.store().append(room, row).thenApply(id -> new Replacement(OptionalLong.of(id), List.of()));
            return done.thenApply(result -> new Written(row.length, result));
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Write next() {
        boolean isState = mustFold || rows.isEmpty() || rows.isFoldDue(history.isEmpty());
        mustFold = false;
        List<Keyed> publications = new ArrayList<>();
        for (History.Entry entry : history.entriesFrom(isState ? 0 : storedOffset + 1)) {
            publications.add(new Keyed(entry.publication(), entry.key()));
        }
        long last = history.next() - 1;
        LogRow row = new LogRow(
                isState,
                ++serial,
                history.position().epoch(),
                isState ? endedEpochs : Map.of(),
                last + 1 - publications.size(),
                publications);
        return new Write(row, changes, isState ? rows.ids() : Set.of());
    }

    private void end(Write write, @Nullable Written result, @Nullable Throwable thrown) {
        List<Waiting> ended;
        UnavailableException refusal = null;
        synchronized (monitor) {
            isWriting = false;
            if (result != null) {
                note(write, result);
            } else {
                fail(write, thrown == null ? new StoreException("the store failed") : thrown);
                refusal = unavailable();
            }
            ended = takeWaiting(refusal != null);
            writeIfDue();
        }
        for (Waiting call : ended) {
            if (refusal == null) {
                call.stage.complete(call.position);
            } else {
                call.stage.completeExceptionally(refusal);
            }
        }
    }

    private void note(Write write, Written written) {
        long before = rows.bytes();
        OptionalLong id = written.result.id();
        if (!write.row.isState()) {
            rows.add(id.orElseThrow(), written.rowBytes);
        } else if (id.isPresent()) {
            rows.clear();
            rows.setState(
                    id.getAsLong(), written.rowBytes, !write.row.publications().isEmpty());
        } else {
            rows.clear();
            mustFold = true; // the rows that the state covers are gone: a write that failed had its effect
        }
        // rows of writes that failed, and had their effect all the same
        written.result.others().forEach(other -> rows.add(other.id(), other.update().length));
        logs.addStoredBytes(rows.bytes() - before);
        if (id.isPresent()) {
            storedChanges = write.change;
            storedOffset = write.row.last();
        }
        if (failure != null) {
            failure = null;
            failures = 0;
            LogSubject.NONE.withRoom(room).log(LOG, Level.DEBUG, "the history is stored again", null);
        }
    }

    private void fail(Write write, Throwable thrown) {
        Throwable cause = StoreException.causeOf(thrown);
        String reason = cause instanceof StoreException ? String.valueOf(cause.getMessage()) : "the store failed";
        LogSubject.NONE // the store has logged it as an error, once for all rooms
                .withRoom(room)
                .log(LOG, Level.DEBUG, "the history cannot be stored and is tried again: " + reason, cause);
        failure = reason;
        retryAtNanos = logs.nanos() + (FIRST_RETRY_NANOS << Math.min(failures++, MAX_RETRY_SHIFT));
        mustFold |= write.row.isState();
    }

    /** Takes the calls whose changes are stored, or all. */
    private List<Waiting> takeWaiting(boolean all) {
        List<Waiting> taken = new ArrayList<>();
        while (!waiting.isEmpty() && (all || waiting.peek().change <= storedChanges)) {
            Waiting next = waiting.remove();
            waitingBytes -= next.bytes;
            taken.add(next);
        }
        return taken;
    }
}
