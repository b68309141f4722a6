package dev.tutti.history;

import dev.tutti.document.LoadRefusedException;
import dev.tutti.document.StoreException;
import dev.tutti.document.StoredUpdate;
import dev.tutti.history.LogRow.Keyed;
import dev.tutti.hub.Draft;
import dev.tutti.hub.History;
import dev.tutti.hub.HistoryPage;
import dev.tutti.hub.HistoryRule;
import dev.tutti.hub.JoinResult;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.Members;
import dev.tutti.hub.Position;
import dev.tutti.hub.Publication;
import dev.tutti.hub.RoomLog;
import dev.tutti.log.LogSubject;
import dev.tutti.security.UnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A log in the store. The history of the room is in memory from the first use until a while after the last one. Guarded by its room.
 *
 * <p>It delivers a publication at once, and acknowledges it when the store has it. So members may receive a publication that a crash then loses; a
 * server that follows a crash begins another epoch, and tells clients that have received more than is stored that they have missed something.
 */
final class DurableLog implements RoomLog {
    private static final Logger LOG = System.getLogger(DurableLog.class.getName());

    /** Time for which an unused room stays in memory. */
    private static final long IDLE_NANOS = 10_000_000_000L;

    private static final long RETRY_NANOS = 1_000_000_000L;

    /** Upper bound of the callers that wait until the room is in memory. */
    private static final int MAX_WAITERS = 10_000;

    private static final CompletionStage<Position> APPENDED = CompletableFuture.completedFuture(Position.UNKNOWN);

    private final String room;
    private final HistoryRule rule;
    private final DurableLogs logs;
    private final Subscriber subscriber;

    // All below: guarded by the subscriber.
    /** The history of the room; null while it is not in memory. */
    private @Nullable History history;

    /** Null until there is a history. */
    private @Nullable LogWriter writer;

    /** The callers that wait for the history; null if it is not being read. */
    private @Nullable List<CompletableFuture<@Nullable Void>> waiters;

    /** Why the history could not be read the last time; null if it was not tried. */
    private @Nullable RuntimeException failure;

    private long retryAtNanos;
    private long usedAtNanos;
    private boolean closed;

    DurableLog(String room, HistoryRule rule, DurableLogs logs, Subscriber subscriber) {
        this.room = room;
        this.rule = rule;
        this.logs = logs;
        this.subscriber = subscriber;
    }

    @Override
    public @Nullable CompletionStage<?> prepare(@Nullable Position since) {
        long now = logs.nanos();
        usedAtNanos = now;
        if (history != null) {
            return null;
        }
        if (waiters == null) {
            if (failure != null && now - retryAtNanos < 0) {
                throw failure;
            }
            waiters = new ArrayList<>();
            load();
        }
        if (waiters.size() >= MAX_WAITERS) {
            throw new LimitException(LimitBreach.ROOM_QUEUE);
        }
        CompletableFuture<@Nullable Void> waiter = new CompletableFuture<>();
        waiters.add(waiter);
        return waiter;
    }

    private void load() {
        LoadMemory memory = new LoadMemory(logs.memory());
        var unused = logs.load(room, memory::tryReserve)
                .whenComplete((rows, thrown) -> logs.execute(() -> {
                    try {
                        end(rows, thrown);
                    } finally {
                        memory.release();
                    }
                }));
    }

    /** Ends a load. */
    private void end(@Nullable List<StoredUpdate> rows, @Nullable Throwable thrown) {
        StoredLog stored = null;
        Throwable failed = thrown;
        try {
            stored = rows == null ? null : StoredLog.of(rows);
        } catch (RuntimeException | Error e) {
            failed = e;
        }
        List<CompletableFuture<@Nullable Void>> ended;
        synchronized (subscriber) {
            if (stored != null) {
                begin(stored);
            } else {
                fail(failed == null ? new StoreException("the store failed") : StoreException.causeOf(failed));
            }
            ended = Objects.requireNonNull(waiters);
            waiters = null;
        }
        ended.forEach(waiter -> waiter.complete(null));
    }

    private void begin(StoredLog stored) {
        if (stored.damagedRows() > 0) {
            LogSubject.NONE.withRoom(room).log(LOG, Level.WARNING, "a part of the history cannot be read", null);
        }
        boolean isNew = stored.epoch() == null;
        boolean continues = logs.generation().isOf(stored.epoch());
        String epoch = continues ? Objects.requireNonNull(stored.epoch()) : logs.newEpoch();
        stored.beginEpoch(epoch);
        History read = new History(epoch, stored.endedEpochs(), rule);
        read.startAfter(stored.last() - stored.publications().size());
        long now = logs.nanos();
        for (Keyed keyed : stored.publications()) {
            logs.memory().count(read.add(keyed.publication(), keyed.key(), addedAtNanos(keyed.publication(), now)));
        }
        logs.memory().count(read.trim(now));
        history = read;
        writer = new LogWriter(room, logs, subscriber, read, stored);
        usedAtNanos = now;
        failure = null;
        if (!isNew && !continues) {
            writer.replaced();
        }
    }

    private long addedAtNanos(Publication publication, long nowNanos) {
        return nowNanos - 1_000_000L * Math.max(0, logs.millis() - publication.timeMillis());
    }

    private void fail(Throwable cause) {
        retryAtNanos = logs.nanos() + RETRY_NANOS;
        if (cause instanceof LoadRefusedException) {
            failure = new LimitException(LimitBreach.MEMORY);
            return;
        }
        LogSubject.NONE.withRoom(room).log(LOG, Level.ERROR, "the history cannot be read", cause);
        failure = new UnavailableException("the history of this room cannot be read now");
    }

    @Override
    public CompletionStage<Position> append(Draft draft, long nowNanos) {
        History added = history;
        LogWriter to = writer;
        if (added == null || to == null || closed) {
            return CompletableFuture.failedFuture(notInMemory());
        }
        usedAtNanos = nowNanos;
        Publication retained = draft.key() == null ? null : added.find(draft.key(), nowNanos);
        if (retained != null) {
            Position position = added.position(retained);
            return to.isStored(position.offset())
                    ? CompletableFuture.completedFuture(position)
                    : to.whenStored(0, position);
        }
        logs.requireRoom(draft.bytes(), to.waitingBytes());
        subscriber.requireRoom(draft.bytes());
        Publication publication = draft.at(added.next());
        logs.memory().count(added.add(publication, draft.key(), nowNanos));
        logs.memory().shrink(added);
        subscriber.deliver(publication);
        to.added();
        return draft.wantsPosition() ? to.whenStored(draft.bytes(), added.position(publication)) : APPENDED;
    }

    private History history() {
        if (history == null) {
            throw notInMemory();
        }
        return history;
    }

    private UnavailableException notInMemory() {
        return new UnavailableException("the room has just left memory, or cannot be read: try again");
    }

    @Override
    public JoinResult joined(@Nullable Position since, Members members) {
        return history().joined(since, members);
    }

    @Override
    public HistoryPage since(Position since, int max) {
        return history().since(since, max);
    }

    @Override
    public HistoryPage before(Position before, int max) {
        return history().before(before, max);
    }

    @Override
    public HistoryPage latest(int max) {
        return history().latest(max);
    }

    @Override
    public void trim(long nowNanos) {
        if (history != null && writer != null) {
            logs.memory().count(history.trim(nowNanos));
            writer.writeIfDue();
        }
    }

    @Override
    public CompletionStage<?> clear() {
        if (history == null || writer == null || closed) {
            return CompletableFuture.failedFuture(notInMemory());
        }
        logs.memory().count(history.clear());
        writer.replaced();
        return writer.whenStored(0, Position.UNKNOWN);
    }

    @Override
    public int retained() {
        return history == null ? 0 : history.size();
    }

    @Override
    public boolean isEmpty() {
        return history == null || history.isEmpty();
    }

    @Override
    public boolean isNeeded() {
        long now = logs.nanos();
        return !isExpendable()
                || (history == null ? failure != null && now - retryAtNanos < 0 : now - usedAtNanos < IDLE_NANOS);
    }

    @Override
    public boolean isExpendable() {
        return waiters == null && (writer == null || !writer.isBusy());
    }

    @Override
    public void close() {
        closed = true;
        if (history != null) {
            logs.memory().count(history.clear());
        }
        logs.closed(room, this);
    }

    /** Returns a stage that completes when all publications so far are stored, and fails if they are not. */
    CompletionStage<?> whenStored() {
        synchronized (subscriber) {
            return writer == null ? CompletableFuture.completedFuture(null) : writer.whenStored(0, Position.UNKNOWN);
        }
    }
}
