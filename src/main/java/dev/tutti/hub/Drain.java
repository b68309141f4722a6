package dev.tutti.hub;

import dev.tutti.settings.Setting;
import java.lang.System.Logger;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Moves all clients to another server, before this one stops. Safe for any thread; no method blocks.
 *
 * <p>At once the server reports that it is not ready. A <b>grace</b> follows, in which balancers notice that, and the server serves as ever.
 * Then it refuses connections, and its clients <b>leave</b> one by one, spread evenly: a client whose protocol has a frame for it
 * learns when to reconnect, and is closed if it is still there two seconds later; the others are closed at their time. A drain cannot be undone.
 */
public final class Drain {
    /** The settings of a drain. */
    public record Options(
            @Setting(
                    value = "4",
                    help = "seconds over which clients leave one by one when the server stops; 0: all at once",
                    max = 3600)
            int drainSeconds,

            @Setting(
                    value = "2",
                    help = "seconds before that in which load balancers notice that the server is not ready",
                    max = 3600)
            int drainGraceSeconds) {}

    /** How far a drain is. */
    public enum Phase {
        /** There is none. */
        SERVING,
        /** Balancers have time to notice. */
        GRACE,
        /** Clients leave; new ones are refused. */
        LEAVING,
        /** All clients have left, or were closed. */
        DONE
    }

    /** The answer to a handshake that is refused, for people. */
    public static final String REFUSAL = "the server restarts: another one answers now, or this one again soon";

    /** Seconds after which a client may repeat such a handshake: a balancer has noticed by then. */
    public static final int RETRY_AFTER_SECONDS = 1;

    /** The longest time for a client that was told to reconnect: more than it needs for it, less than its user would notice. */
    private static final long PATIENCE_NANOS = 2_000_000_000L;

    /** Clients leave in groups: those of so many nanoseconds, too short to matter and long enough to cost nothing. */
    private static final long STEP_NANOS = 10_000_000L;

    private static final Logger LOG = System.getLogger(Drain.class.getName());

    private static final long SECOND_NANOS = 1_000_000_000L;

    /** The reason of each close, for people. */
    static final String REASON = "the server restarts: connect again";

    private final Hub hub;
    private final Timer timer;
    private final CloseCode code;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    private volatile Phase phase = Phase.SERVING;
    private volatile long sinceMillis;

    // Written by the sweep, then confined to the steps, one at a time.
    private final Queue<Departure> told = new ArrayDeque<>();
    private final Queue<Departure> untold = new ArrayDeque<>();
    private int index;
    private long startNanos;

    /** A client, and when it is closed: nanoseconds after the start. */
    private record Departure(Client client, long afterNanos) {}

    /**
     * Has not begun.
     *
     * @param timer delays the steps, which run on the hub's executor
     * @param code closes clients: {@link CloseCode#SERVICE_RESTART}, or {@link CloseCode#GOING_AWAY} where a container knows no other
     */
    public Drain(Hub hub, Timer timer, CloseCode code) {
        this.hub = hub;
        this.timer = timer;
        this.code = code;
    }

    /**
     * Begins; without clients there is no grace. Calls after the first change nothing.
     *
     * @return completes when all clients have left
     */
    public CompletionStage<Void> begin(Options options) {
        synchronized (this) {
            if (phase != Phase.SERVING) {
                return done;
            }
            sinceMillis = hub.time().millis();
            phase = Phase.GRACE;
        }
        Runnable leave = () -> leave(options.drainSeconds() * SECOND_NANOS);
        if (options.drainGraceSeconds() == 0 || hub.clientCount() == 0) {
            leave.run();
        } else {
            timer.schedule(leave, options.drainGraceSeconds() * SECOND_NANOS);
        }
        return done;
    }

    /** Returns how far the drain is. */
    public Phase phase() {
        return phase;
    }

    /** Returns when it began, in milliseconds since 1970; meaningless while {@link Phase#SERVING}. */
    public long sinceMillis() {
        return sinceMillis;
    }

    private void leave(long spreadNanos) {
        phase = Phase.LEAVING;
        hub.refuseConnections(code); // before the sweep: it sees every client that was not refused
        startNanos = hub.time().nanos();
        Spread spread = new Spread(hub.clientCount(), spreadNanos);
        var unused = hub.clients()
                .sweep(client -> true, client -> tell(client, spread))
                .thenRun(this::step);
    }

    /** Gives a client its time, and tells it if it understands that. */
    private @Nullable CompletionStage<?> tell(Client client, Spread spread) {
        long afterNanos = spread.afterNanos(index++);
        Frame frame = client.protocol().reconnect(afterNanos / 1_000_000);
        if (frame == null) {
            untold.add(new Departure(client, afterNanos));
        } else {
            told.add(new Departure(client, afterNanos + Math.min(PATIENCE_NANOS, spread.nanos())));
            client.send(frame);
        }
        return null;
    }

    private void step() {
        long nowNanos = hub.time().nanos() - startNanos;
        Faults.guard(LOG, "clients cannot leave", () -> {
            close(told, nowNanos);
            close(untold, nowNanos);
        });
        if (hub.clientCount() == 0 || (told.isEmpty() && untold.isEmpty())) {
            told.clear();
            untold.clear();
            phase = Phase.DONE;
            done.complete(null);
        } else {
            timer.schedule(() -> hub.executor().execute(this::step), STEP_NANOS);
        }
    }

    private void close(Queue<Departure> departures, long nowNanos) {
        Departure next;
        while ((next = departures.peek()) != null && next.afterNanos <= nowNanos) {
            departures.remove();
            next.client.close(code, REASON);
        }
    }
}
