package dev.tutti.hub;

import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** An action on many clients, in short runs on the executor of rooms: rooms wait for a run, and not for all clients. Confined to its run. */
final class Sweep implements Runnable {
    private static final Logger LOG = System.getLogger(Sweep.class.getName());

    /** As a run of a room: after that it goes to the end of the executor's queue. */
    private static final long RUN_NANOS = 4_000_000;

    private final Iterator<Client> clients;
    private final Predicate<Client> which;
    private final Function<Client, @Nullable CompletionStage<?>> action;
    private final Executor executor;
    private final TimeSource time;
    private final CompletableFuture<Integer> done = new CompletableFuture<>();
    private int count;
    /** The actions that go on after their call. */
    private final List<CompletableFuture<?>> unfinished = new ArrayList<>(0);

    /** @param action returns null if it is done, else a stage that completes when it is */
    Sweep(
            Iterator<Client> clients,
            Predicate<Client> which,
            Function<Client, @Nullable CompletionStage<?>> action,
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
            Faults.guard(LOG, client.subject(), "an action on a client failed", () -> visit(client));
        }
        var unused = CompletableFuture.allOf(unfinished.toArray(CompletableFuture<?>[]::new))
                .whenComplete((result, failure) -> done.complete(count));
    }

    private void visit(Client client) {
        if (which.test(client)) {
            count++;
            CompletionStage<?> later = action.apply(client);
            if (later != null) {
                unfinished.add(later.toCompletableFuture());
            }
        }
    }
}
