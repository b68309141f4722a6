package dev.tutti.hub;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A log that commits when a test calls {@link #commit}, as a stored or shared log does later. Confined to the test's thread. */
final class DeferredLog extends ForwardingLog {
    private record Append(Draft draft, long nowNanos, CompletableFuture<Position> stage) {}

    private final Subscriber subscriber;
    private final MemoryLog committed;
    private final Queue<Append> appends = new ArrayDeque<>();

    DeferredLog(String epoch, HistoryRule rule, Budget budget, Subscriber subscriber) {
        this(
                new MemoryLog(
                        epoch,
                        rule,
                        new HistoryMemory(budget, budget.limitBytes(Budget.Share.HISTORY)),
                        new Committed(subscriber)),
                subscriber);
    }

    private DeferredLog(MemoryLog committed, Subscriber subscriber) {
        super(committed);
        this.committed = committed;
        this.subscriber = subscriber;
    }

    /** Takes every committed publication, even if others wait in the room. */
    private record Committed(Subscriber room) implements Subscriber {
        @Override
        public void requireRoom(int bytes) {}

        @Override
        public void deliverToMembers(Publication publication) {
            room.deliverToMembers(publication);
        }

        @Override
        public void notifyListeners(Publication publication) {
            room.notifyListeners(publication);
        }

        @Override
        public void lost() {
            room.lost();
        }

        @Override
        public void wake() {
            room.wake();
        }
    }

    /** Commits, delivers and acknowledges the earliest append; false if there is none. */
    boolean commit() {
        Append append = appends.poll();
        if (append == null) {
            return false;
        }
        append.stage.complete(deliver(append.draft, append.nowNanos));
        return true;
    }

    /** Fails the earliest append. */
    void fail(Throwable failure) {
        appends.remove().stage.completeExceptionally(failure);
    }

    /** Delivers a publication of another node. */
    Position deliver(Draft draft, long nowNanos) {
        CompletionStage<Position> stage;
        synchronized (subscriber) {
            stage = committed.append(draft, nowNanos);
        }
        subscriber.wake();
        return stage.toCompletableFuture().join();
    }

    @Override
    public CompletionStage<Position> append(Draft draft, long nowNanos) {
        subscriber.requireRoom(draft.bytes()); // only the commit knows whether the key is retained
        Append append = new Append(draft, nowNanos, new CompletableFuture<>());
        appends.add(append);
        return append.stage;
    }
}
