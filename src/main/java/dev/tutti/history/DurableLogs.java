package dev.tutti.history;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoreException;
import dev.tutti.document.StoredUpdate;
import dev.tutti.hub.Budget;
import dev.tutti.hub.HistoryMemory;
import dev.tutti.hub.HistoryRule;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogs;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** Opens a log for each room, in memory if the room retains nothing. Safe for any thread. */
final class DurableLogs implements RoomLog.Factory {
    private final DocumentStore store;
    private final RoomLogs.Context context;
    private final HistoryMemory memory;
    private final Generation generation;
    private final long maxStoredBytes;
    private final AtomicLong storedBytes;

    /** Another server has used the store since this one began. */
    private volatile boolean isDisturbed;

    /** The logs of the rooms that are in memory. */
    private final ConcurrentMap<String, DurableLog> open = new ConcurrentHashMap<>();

    /** The removals of rooms that are under way. */
    private final ConcurrentMap<String, CompletableFuture<@Nullable Void>> removals = new ConcurrentHashMap<>();

    /**
     * Opens no log yet.
     *
     * @param storedBytes of all rooms in the store
     * @param maxStoredBytes upper bound of them; 0 for none
     */
    DurableLogs(
            DocumentStore store,
            RoomLogs.Context context,
            Generation generation,
            long storedBytes,
            long maxStoredBytes) {
        this.store = store;
        this.context = context;
        this.memory = context.memory();
        this.generation = generation;
        this.storedBytes = new AtomicLong(storedBytes);
        this.maxStoredBytes = maxStoredBytes;
    }

    @Override
    public RoomLog open(String room, RoomLog.Subscriber subscriber) {
        HistoryRule rule = context.limits().history().of(room);
        if (rule.count() == 0) {
            return context.inMemory(room, subscriber);
        }
        DurableLog log = new DurableLog(room, rule, this, subscriber);
        open.put(room, log);
        return log;
    }

    @Override
    public boolean needsPreparation() {
        return true;
    }

    /** A log has been closed. */
    void closed(String room, DurableLog log) {
        open.remove(room, log);
    }

    /** Reads the rows of a room that has a log, after its removal if one is under way. */
    CompletionStage<List<StoredUpdate>> load(String room, LongPredicate reserve) {
        CompletableFuture<@Nullable Void> removal = removals.get(room);
        return removal == null
                ? store.load(room, reserve)
                : removal.handle((done, failure) -> room).thenCompose(name -> store.load(name, reserve));
    }

    /** Removes the rows of a room that has no log. */
    CompletionStage<?> remove(String room, long bytes) {
        CompletableFuture<@Nullable Void> removal = new CompletableFuture<>();
        if (removals.putIfAbsent(room, removal) != null) {
            return removal;
        }
        CompletionStage<?> done =
                open.containsKey(room) // read after the removal is there: either this or the log's load sees the other
                        ? CompletableFuture.completedFuture(null)
                        : store.delete(room).thenAccept(existed -> addStoredBytes(existed ? -bytes : 0));
        return done.whenComplete((result, failure) -> {
            removals.remove(room, removal);
            removal.complete(null);
        });
    }

    /**
     * Checks that a publication may be added.
     *
     * @param waitingBytes of the room, which are not stored yet
     * @throws LimitException if the store would keep too much, or too much of the room is not stored yet
     */
    void requireRoom(int bytes, int waitingBytes) {
        if (maxStoredBytes != 0 && storedBytes.get() + bytes > maxStoredBytes) {
            throw new LimitException(LimitBreach.STORED_HISTORY);
        }
        int maxWaiting = context.limits().maxRoomQueuedBytes();
        if (maxWaiting != 0 && waitingBytes + bytes > maxWaiting) {
            throw new LimitException(LimitBreach.ROOM_QUEUE);
        }
        if (!context.budget().hasRoom(Budget.Share.INPUT, bytes, waitingBytes)) {
            throw new LimitException(LimitBreach.MEMORY);
        }
    }

    /** Another server has used the store: the memory of this one may differ from the store. Nothing more is written. */
    void disturb() {
        isDisturbed = true;
    }

    /** @throws StoreException if another server has used the store */
    void requireUndisturbed() {
        if (isDisturbed) {
            throw new StoreException("another server has used the stored histories: restart this one");
        }
    }

    /** Returns a stage that completes when everything so far is stored, and fails if something is not. */
    CompletableFuture<?> whenStored() {
        return CompletableFuture.allOf(open.values().stream()
                .map(log -> log.whenStored().toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new));
    }

    void addStoredBytes(long more) {
        storedBytes.addAndGet(more);
    }

    /** Returns the bytes of all rooms in the store. */
    long storedBytes() {
        return storedBytes.get();
    }

    DocumentStore store() {
        return store;
    }

    Generation generation() {
        return generation;
    }

    /** Returns an epoch that no other log has. */
    String newEpoch() {
        return generation.epoch(context.epochs().get());
    }

    HistoryMemory memory() {
        return memory;
    }

    long nanos() {
        return context.time().nanos();
    }

    long millis() {
        return context.time().millis();
    }

    void execute(Runnable task) {
        context.executor().execute(task);
    }
}
