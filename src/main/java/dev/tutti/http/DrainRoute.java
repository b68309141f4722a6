package dev.tutti.http;

import dev.tutti.http.Operation.Kind;
import dev.tutti.hub.Drain;
import dev.tutti.security.Action;
import java.util.concurrent.CompletionStage;

/**
 * {@code POST /api/drain}: moves all clients of a server to others (docs/http-api.md, "Drain"). It goes on without them,
 * until it is stopped. Safe for any thread.
 */
final class DrainRoute {
    private static final String SERVER = "server";
    private static final String FORCE = "force";
    private static final String SECONDS = "seconds";
    private static final String GRACE_SECONDS = "graceSeconds";
    private static final int MAX_SECONDS = 3600;

    private final ServerDrain drain;
    private final Drain.Options defaults;
    private final Admission admission;

    DrainRoute(ServerDrain drain, Drain.Options defaults, Admission admission) {
        this.drain = drain;
        this.defaults = defaults;
        this.admission = admission;
    }

    /** Returns the route. */
    Route route() {
        Operation operation = Operation.of("Moves all clients of a server to others. Needs the right to administer")
                .query(SERVER, Kind.TEXT, "the name of the server that drains; the one that answers if absent")
                .query(SECONDS, Kind.WHOLE_NUMBER, "over which clients leave; the setting drain-seconds if absent")
                .query(GRACE_SECONDS, Kind.WHOLE_NUMBER, "before that; the setting drain-grace-seconds if absent")
                .query(FORCE, Kind.TEXT, "true: also while another server drains")
                .answers(202, ServerDrain.Began.class)
                .fails(ApiError.NOT_FOUND, ApiError.DRAINS);
        return new Route("POST", "/api/drain", operation, this::begin);
    }

    private CompletionStage<ApiResponse> begin(ApiCall call) {
        admission.admitToOwnPages(call.request()).onServer().require(Action.ADMIN);
        String server = call.query(SERVER);
        return drain.begin(new ServerDrain.Order(
                        server == null ? drain.name() : server,
                        seconds(call, SECONDS, defaults.drainSeconds()),
                        seconds(call, GRACE_SECONDS, defaults.drainGraceSeconds()),
                        isForced(call)))
                .thenApply(began -> ApiResponse.json(202, began));
    }

    private static boolean isForced(ApiCall call) {
        return switch (call.queryOrEmpty(FORCE)) {
            case "", "false" -> false;
            case "true" -> true;
            default -> throw new ApiException(ApiError.BAD_REQUEST, FORCE + " is true or false");
        };
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
