package dev.tutti.cluster;

import dev.tutti.hub.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The calls whose part has moved to another node, and which wait for the connection to it. Safe for any thread. */
final class MoveWaiters {
    /** After this time a call has failed. */
    private static final long MAX_NANOS = 5_000_000_000L;

    private record Waiter(int part, Redis moved, CompletableFuture<Redis> stage) {}

    private final PartHolders holders;
    private final Timer timer;

    /** Guarded by this. One for each part that publishes. */
    private final List<Waiter> waiters = new ArrayList<>();

    MoveWaiters(PartHolders holders, Timer timer) {
        this.holders = holders;
        this.timer = timer;
    }

    /** As {@link Nodes#next}. */
    CompletionStage<Redis> add(int part, Redis moved) {
        Waiter waiter = new Waiter(part, moved, new CompletableFuture<>());
        synchronized (this) {
            waiters.add(waiter);
        }
        timer.schedule(() -> giveUp(waiter), MAX_NANOS);
        wake();
        return waiter.stage;
    }

    private void giveUp(Waiter waiter) {
        synchronized (this) {
            waiters.remove(waiter);
        }
        waiter.stage.completeExceptionally(Away.toAppend());
    }

    /** Parts may have other connections: the calls go on, on other threads. */
    synchronized void wake() {
        waiters.removeIf(waiter -> {
            Redis next = holders.of(waiter.part);
            boolean hasMoved = next != null && next != waiter.moved;
            if (hasMoved) {
                timer.schedule(() -> waiter.stage.complete(next), 0);
            }
            return hasMoved;
        });
    }

    synchronized boolean isEmpty() {
        return waiters.isEmpty();
    }
}
