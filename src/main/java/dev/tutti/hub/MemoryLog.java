package dev.tutti.hub;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A log in the memory of this process, lost with it: another process, or the next room of the same name, has another epoch. Guarded by its
 * room.
 *
 * <p>An append completes and delivers before it returns. Publications are retained up to the room's {@link HistoryRule} and, for all rooms
 * together, up to {@link HistoryMemory#maxBytes}.
 */
final class MemoryLog implements RoomLog {
    /** Shared by all appends that want no position, so that they allocate nothing for it. */
    private static final CompletionStage<Position> APPENDED = CompletableFuture.completedFuture(Position.UNKNOWN);

    private static final CompletionStage<?> CLEARED = CompletableFuture.completedFuture(null);

    private final History history;
    private final HistoryMemory memory;
    private final Subscriber subscriber;
    private boolean closed;

    /**
     * Makes an empty log.
     *
     * @param epoch no other log has it
     */
    MemoryLog(String epoch, HistoryRule rule, HistoryMemory memory, Subscriber subscriber) {
        this.history = new History(epoch, rule);
        this.memory = memory;
        this.subscriber = subscriber;
    }

    @Override
    public CompletionStage<Position> append(Draft draft, long nowNanos) {
        Publication retained = draft.key() == null ? null : history.find(draft.key(), nowNanos);
        if (retained != null) {
            return CompletableFuture.completedFuture(history.position(retained));
        }
        subscriber.requireRoom(draft.bytes());
        Publication publication = draft.at(history.next());
        if (!closed) { // a client may publish while its last subscription ends
            memory.count(history.add(publication, draft.key(), nowNanos));
            memory.shrink(history);
        }
        subscriber.deliver(publication);
        return draft.wantsPosition() ? CompletableFuture.completedFuture(history.position(publication)) : APPENDED;
    }

    @Override
    public JoinResult joined(@Nullable Position since, Members members) {
        return history.joined(since, members);
    }

    @Override
    public HistoryPage since(Position since, int max) {
        return history.since(since, max);
    }

    @Override
    public HistoryPage before(Position before, int max) {
        return history.before(before, max);
    }

    @Override
    public HistoryPage latest(int max) {
        return history.latest(max);
    }

    @Override
    public void trim(long nowNanos) {
        memory.count(history.trim(nowNanos));
    }

    @Override
    public CompletionStage<?> clear() {
        memory.count(history.clear());
        return CLEARED;
    }

    @Override
    public int retained() {
        return history.size();
    }

    @Override
    public boolean isEmpty() {
        return history.isEmpty();
    }

    @Override
    public void close() {
        closed = true;
        memory.count(history.clear());
    }
}
