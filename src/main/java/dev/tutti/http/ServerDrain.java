package dev.tutti.http;

import dev.tutti.hub.Administration;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.OtherServers;
import dev.tutti.hub.OtherServers.Texts;
import dev.tutti.hub.OtherServers.Topic;
import dev.tutti.security.UnavailableException;
import jakarta.json.JsonException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Drains this server, or has another one drain itself. A server that begins asks all others first whether they drain, and they say no only if they do not
 * ask the same meanwhile: so of two that begin at once none or one drains, and never both. Safe for any thread; no method blocks.
 */
final class ServerDrain {
    private static final String FORCE = ": force=true drains all the same";

    /** What a server is asked to do. */
    record Order(String server, int seconds, int graceSeconds, boolean force) {}

    /** When a drain began, and the number of clients that are still connected. */
    record Began(String server, Instant since, int clients) {}

    /** The answer to an {@link Order}: one of the last two is there; of a server that it is not for none. */
    record Outcome(
            @OptionalMember @Nullable Began began,
            @OptionalMember @Nullable Refusal refused) {}

    /** Why a server does not drain. */
    record Refusal(String error, String message) {}

    /** Whether a server drains, or is about to. */
    record State(String server, boolean drains) {}

    private final Drain drain;
    private final Hub hub;
    private final String name;
    private final OtherServers others;

    /** Number of requests that ask the others now; guarded by this. */
    private int asking;

    /** Answers other servers from now on. */
    ServerDrain(Drain drain, Hub hub, Administration administration) {
        this.drain = drain;
        this.hub = hub;
        this.name = administration.serverName();
        this.others = administration.others();
        others.answer(Topic.DRAIN_STATE, question -> CompletableFuture.completedFuture(RecordJson.write(state())));
        others.answer(Topic.DRAIN, order -> obey(TolerantRecords.read(Order.class, order)));
    }

    String name() {
        return name;
    }

    private synchronized State state() {
        return new State(name, asking > 0 || drain.phase() != Drain.Phase.SERVING);
    }

    /**
     * Begins a drain, here or there. The stage fails with an {@link ApiException} if there is no such server, or if another one drains and {@code force} is
     * not set, and with an {@link UnavailableException} if that is not known.
     */
    CompletionStage<Began> begin(Order order) {
        if (order.server().equals(name)) {
            return beginHere(order);
        }
        return others.ask(Topic.DRAIN, RecordJson.write(order)).thenApply(answers -> outcome(order, answers));
    }

    private CompletionStage<Began> beginHere(Order order) {
        synchronized (this) {
            if (order.force() || drain.phase() != Drain.Phase.SERVING) {
                return CompletableFuture.completedFuture(beginNow(order));
            }
            asking++;
        }
        return others.ask(Topic.DRAIN_STATE, "")
                .exceptionally(ServerDrain::unreachable)
                .thenApply(states -> {
                    requireNoDrain(states);
                    return beginNow(order);
                })
                .whenComplete((began, failure) -> asked());
    }

    private synchronized void asked() {
        asking--;
    }

    private static Texts unreachable(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof UnavailableException) {
            return new Texts(List.of(), 1);
        }
        throw new CompletionException(cause);
    }

    private static void requireNoDrain(Texts states) {
        for (String text : states.list()) {
            State state = TolerantRecords.read(State.class, text);
            if (state.drains()) {
                throw new ApiException(
                        ApiError.DRAINS, "the server " + state.server() + " drains, or has drained" + FORCE);
            }
        }
        if (states.missing() > 0) {
            throw new UnavailableException("not all servers have said whether they drain" + FORCE);
        }
    }

    private Began beginNow(Order order) {
        var unused = drain.begin(new Drain.Options(order.seconds(), order.graceSeconds()));
        return new Began(name, Instant.ofEpochMilli(drain.sinceMillis()), hub.clientCount());
    }

    /** Carries out the order of another server, if it is for this one. */
    private CompletionStage<String> obey(Order order) {
        CompletionStage<Outcome> outcome = order.server().equals(name)
                ? beginHere(order).handle(ServerDrain::outcome)
                : CompletableFuture.completedFuture(new Outcome(null, null));
        return outcome.thenApply(RecordJson::write);
    }

    private static Outcome outcome(@Nullable Began began, @Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof ApiException refused) {
            return new Outcome(null, new Refusal(refused.error().name(), String.valueOf(refused.getMessage())));
        }
        if (cause instanceof UnavailableException unavailable) {
            return new Outcome(null, new Refusal(ApiError.UNAVAILABLE.name(), unavailable.reason()));
        }
        if (cause != null) {
            throw new CompletionException(cause);
        }
        return new Outcome(began, null);
    }

    private static Began outcome(Order order, Texts answers) {
        for (String text : answers.list()) {
            Outcome outcome = read(text);
            if (outcome.refused() != null) {
                throw new ApiException(
                        ApiError.DRAINS.name().equals(outcome.refused().error())
                                ? ApiError.DRAINS
                                : ApiError.UNAVAILABLE,
                        outcome.refused().message());
            }
            if (outcome.began() != null) {
                return outcome.began();
            }
        }
        if (answers.missing() > 0) {
            throw new UnavailableException("the server " + order.server() + " has not answered");
        }
        throw new ApiException(ApiError.NOT_FOUND, "there is no server of this name");
    }

    private static Outcome read(String text) {
        try {
            return TolerantRecords.read(Outcome.class, text);
        } catch (JsonException e) {
            return new Outcome(null, null);
        }
    }
}
