package dev.tutti.hub;

import java.lang.System.Logger;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** An action on many clients, in short runs on the executor of rooms: rooms wait for a run, and not for all clients. Confined to its run. */
final class Sweep implements Runnable {
    private static final Logger LOG = System.getLogger(Sweep.class.getName());

    /** As a run of a room: after that it goes to the end of the executor's queue. */
    private static final long RUN_NANOS = 4_000_000;

    private final Iterator<Client> clients;
    private final Predicate<Client> which;
    private final Consumer<Client> action;
    private final Executor executor;
    private final TimeSource time;
    private final CompletableFuture<Integer> done = new CompletableFuture<>();
    private int count;

    Sweep(
            Iterator<Client> clients,
            Predicate<Client> which,
            Consumer<Client> action,
            Executor executor,
            TimeSource time) {
        this.clients = clients;
        this.which = which;
        this.action = action;
        this.executor = executor;
        this.time = time;
    }

    /** Returns the number of clients that matched; completes at the end. Safe for any thread. */
    CompletionStage<Integer> count() {
        return done;
    }

    @Override
    public void run() {
        long start = time.nanos();
        while (clients.hasNext()) {
            if (time.nanos() - start >= RUN_NANOS) {
                executor.execute(this);
                return;
            }
            Client client = clients.next();
            Faults.guard(LOG, "an action on client " + client + " failed", () -> visit(client));
        }
        done.complete(count);
    }

    private void visit(Client client) {
        if (which.test(client)) {
            count++;
            action.accept(client);
        }
    }
}
