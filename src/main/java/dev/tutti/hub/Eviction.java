package dev.tutti.hub;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/** Frees the memory of output when it runs short: closes the clients that hold most of it. Safe for any thread. */
final class Eviction {
    private final Clients clients;
    private final Budget budget;
    private final Executor executor;
    private final Metrics metrics;

    /** A run on the executor is under way or waits. */
    private final AtomicBoolean isRequested = new AtomicBoolean();

    Eviction(Clients clients, Budget budget, Executor executor, Metrics metrics) {
        this.clients = clients;
        this.budget = budget;
        this.executor = executor;
        this.metrics = metrics;
    }

    /** Starts a run on the executor, unless one is under way. */
    void request() {
        if (isRequested.compareAndSet(false, true)) {
            executor.execute(() -> {
                try {
                    run();
                } finally {
                    isRequested.set(false);
                }
            });
        }
    }

    /** Handles a tick of the clock: runs if the memory is still short. */
    void tick() {
        if (budget.isUnderPressure(Budget.Share.OUTPUT)) {
            run();
        }
    }

    /** Evicts the clients that hold most of the output budget until half of it is free. */
    private void run() {
        record Holder(Client client, long bytes) {}
        List<Holder> holders = new ArrayList<>();
        clients.receiving().forEach(client -> {
            long held = client.outbox().heldBytes();
            if (held > 0) {
                holders.add(new Holder(client, held));
            }
        });
        holders.sort(Comparator.comparingLong(Holder::bytes).reversed());
        for (Holder holder : holders) {
            if (budget.usedBytes(Budget.Share.OUTPUT) <= budget.limitBytes(Budget.Share.OUTPUT) / 2) {
                return;
            }
            holder.client.abort(LimitBreach.MEMORY);
            metrics.clientEvicted();
        }
    }
}
