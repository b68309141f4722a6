package dev.tutti.http;

import dev.tutti.http.Operation.Kind;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.security.Action;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * {@code POST /api/drain}: moves all clients to other servers (docs/http-api.md, "Drain"). The server goes on without them,
 * until it is stopped. Safe for any thread.
 */
final class DrainRoute {
    private static final String SECONDS = "seconds";
    private static final String GRACE_SECONDS = "graceSeconds";
    private static final int MAX_SECONDS = 3600;

    /** When the drain began, and the number of clients that are still connected. */
    record Began(Instant since, int clients) {}

    private final Drain drain;
    private final Drain.Options defaults;
    private final Hub hub;
    private final Admission admission;

    DrainRoute(Drain drain, Drain.Options defaults, Hub hub, Admission admission) {
        this.drain = drain;
        this.defaults = defaults;
        this.hub = hub;
        this.admission = admission;
    }

    /** Returns the route. */
    Route route() {
        Operation operation = Operation.of("Moves all clients to other servers. Needs the right to administer")
                .query(SECONDS, Kind.WHOLE_NUMBER, "over which clients leave; the setting drain-seconds if absent")
                .query(GRACE_SECONDS, Kind.WHOLE_NUMBER, "before that; the setting drain-grace-seconds if absent")
                .answers(202, Began.class);
        return new Route("POST", "/api/drain", operation, this::begin);
    }

    private CompletionStage<ApiResponse> begin(ApiCall call) {
        admission.admitToOwnPages(call.request()).onServer().require(Action.ADMIN);
        var unused = drain.begin(new Drain.Options(
                seconds(call, SECONDS, defaults.drainSeconds()),
                seconds(call, GRACE_SECONDS, defaults.drainGraceSeconds())));
        Began began = new Began(Instant.ofEpochMilli(drain.sinceMillis()), hub.clientCount());
        return CompletableFuture.completedFuture(ApiResponse.json(202, began));
    }

    private static int seconds(ApiCall call, String name, int otherwise) {
        String given = call.query(name);
        if (given == null) {
            return otherwise;
        }
        if (!given.matches("\\d{1,4}") || Integer.parseInt(given) > MAX_SECONDS) {
            throw new ApiException(
                    ApiError.BAD_REQUEST, name + " is a whole number of seconds from 0 to " + MAX_SECONDS);
        }
        return Integer.parseInt(given);
    }
}
