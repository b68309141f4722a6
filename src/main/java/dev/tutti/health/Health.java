package dev.tutti.health;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Problem;
import dev.tutti.hub.RoomProbe;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether the server has started, lives, and is ready for more clients. Safe for any thread; no method blocks. */
public final class Health {
    /** A server without an answer of its own for so long is not ready: longer than a busy disk takes. */
    static final long READY_PATIENCE_NANOS = 5_000_000_000L;

    /** A server whose rooms do nothing for so long should be restarted. */
    static final long LIVE_PATIENCE_NANOS = 30_000_000_000L;

    /** How long an answer waits for a fresh result; after that it gives the last one. */
    static final long WAIT_NANOS = 1_000_000_000L;

    /** A share of the memory is nearly used up above this percentage. */
    private static final int NEARLY_USED_PERCENT = 90;

    /** Shares that fill up while something is wrong. Histories fill theirs by design. */
    private static final List<Budget.Share> SHARES = Stream.of(Budget.Share.values())
            .filter(share -> share != Budget.Share.HISTORY)
            .toList();

    private final Budget budget;
    private final Drain drain;
    private final Timer timer;
    private final Probe rooms;
    private final Probe store;
    private final List<Condition> ready;
    private final Condition live;
    private final Check started;

    /** The answer that waits for a fresh result, shared by all requests meanwhile; guarded by this. */
    private CompletableFuture<Report> waiting = CompletableFuture.completedFuture(new Report(List.of()));

    /** Watches a server that shares no rooms with others; as below. */
    public Health(Hub hub, Drain drain, Supplier<CompletionStage<?>> storeProbe, TimeSource time, Timer timer) {
        this(hub, drain, storeProbe, null, time, timer);
    }

    /**
     * Watches a server.
     *
     * @param storeProbe tries the store of documents: fails if it stores nothing now
     * @param cluster returns why rooms that this server shares with others take no messages, null if all do; null if it shares none
     * @param time of all that this says
     * @param timer limits the wait for an answer
     */
    public Health(
            Hub hub,
            Drain drain,
            Supplier<CompletionStage<?>> storeProbe,
            @Nullable Supplier<@Nullable Problem> cluster,
            TimeSource time,
            Timer timer) {
        RoomProbe room = hub.probe();
        this.budget = hub.budget();
        this.drain = drain;
        this.timer = timer;
        this.rooms = new Probe(time, room::run);
        this.store = new Probe(time, storeProbe);
        List<Condition> conditions = new ArrayList<>(List.of(
                condition("drain", time, () -> drain.phase() == Drain.Phase.SERVING ? null : "the server drains"),
                condition("rooms", time, () -> rooms.problem(READY_PATIENCE_NANOS)),
                condition("store", time, () -> store.problem(READY_PATIENCE_NANOS)),
                condition("memory", time, this::fullShares)));
        if (cluster != null) {
            conditions.add(new Condition("cluster", time, cluster));
        }
        this.ready = List.copyOf(conditions);
        this.live = condition("rooms", time, () -> rooms.silence(LIVE_PATIENCE_NANOS));
        this.started = new Check("started", null, time.millis());
    }

    /** @param problem returns the reason of the present problem, which concerns all clients; null if there is none */
    private static Condition condition(String name, TimeSource time, Supplier<@Nullable String> problem) {
        return new Condition(name, time, () -> {
            String reason = problem.get();
            return reason == null ? null : Problem.ofAll(reason);
        });
    }

    /** Returns a report without problems: a server that has not started does not answer. */
    public Report started() {
        return new Report(List.of(started));
    }

    /** Returns whether the threads of the rooms make progress; a server whose do not should be restarted. */
    public Report live() {
        var unused = rooms.refresh();
        return new Report(List.of(live.check()));
    }

    /**
     * Returns whether the server should get more clients. It is not ready while it drains, while a publication or a byte that it sends to itself
     * does not arrive, while a share of the memory is nearly used up, and while no room that it shares with other servers takes messages. It is ready
     * while some of them do, because all servers lack the same rooms.
     */
    public CompletionStage<Report> ready() {
        if (drain.phase() != Drain.Phase.SERVING) {
            return CompletableFuture.completedFuture(report()); // balancers should notice soon
        }
        CompletableFuture<Void> fresh = CompletableFuture.allOf(
                rooms.refresh().toCompletableFuture(), store.refresh().toCompletableFuture());
        if (fresh.isDone()) {
            return CompletableFuture.completedFuture(report());
        }
        CompletableFuture<Report> answer;
        synchronized (this) {
            if (!waiting.isDone()) {
                return waiting;
            }
            answer = new CompletableFuture<>();
            waiting = answer;
        }
        var unused = fresh.thenRun(() -> answer.complete(report()));
        timer.schedule(() -> answer.complete(report()), WAIT_NANOS);
        return answer;
    }

    /** Handles a tick of the clock: notes when a part begins to fail, or works again. */
    public void tick() {
        var unusedReport = report();
        var unusedCheck = live.check();
    }

    /** Returns whether the server should get more clients, as far as it is known: tries nothing. */
    public Report report() {
        return new Report(ready.stream().map(Condition::check).toList());
    }

    private @Nullable String fullShares() {
        String full = SHARES.stream()
                .filter(share -> percent(share) >= NEARLY_USED_PERCENT)
                .map(share -> share.label() + " " + percent(share) + " %")
                .collect(Collectors.joining(", "));
        return full.isEmpty() ? null : "nearly used up: " + full;
    }

    private long percent(Budget.Share share) {
        return budget.usedBytes(share) * 100 / Math.max(1, budget.limitBytes(share));
    }
}
