package dev.tutti.http;

import dev.tutti.health.Check;
import dev.tutti.health.Health;
import dev.tutti.health.Report;
import dev.tutti.hub.Hub;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.ForbiddenException;
import dev.tutti.security.Gate;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.UnauthenticatedException;
import dev.tutti.security.UnavailableException;
import dev.tutti.security.Way;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /health}: {@code {"status":"ok","clients":n}}; and {@code /health/started}, {@code /live} and {@code /ready} in the form of
 * MicroProfile Health. Everybody gets the status; only this machine and administrators get the failed checks and their times. Safe for any thread.
 */
final class HealthRoutes {
    /** The number of clients. */
    record State(String status, int clients) {}

    /** A report; {@code status} is {@code UP} or {@code DOWN}. */
    record Answer(String status, List<Part> checks) {}

    /** The state of one part of the server. */
    record Part(String name, String status, Data data) {}

    /** The time of the last change, and the reason why a part is {@code DOWN}, or only partly {@code UP}. */
    record Data(Instant since, @OptionalMember @Nullable String reason) {}

    /** The paths of these routes; each is open to everybody. */
    static final List<String> PATHS = List.of("/health", "/health/started", "/health/live", "/health/ready");

    private final Hub hub;
    private final Health health;
    private final Gate gate;
    private final Permissions permissions;

    HealthRoutes(Hub hub, Health health, Gate gate, Permissions permissions) {
        this.hub = hub;
        this.health = health;
        this.gate = gate;
        this.permissions = permissions;
    }

    /** Returns each route. */
    List<Route> list() {
        return List.of(
                new Route(
                        "GET",
                        "/health",
                        Operation.of("Whether the server answers, and how many clients are connected")
                                .answers(200, State.class),
                        call -> CompletableFuture.completedFuture(ApiResponse.ok(new State("ok", hub.clientCount())))),
                route(
                        "started",
                        "Whether the server has started",
                        () -> CompletableFuture.completedFuture(health.started())),
                route(
                        "live",
                        "Whether the threads of the rooms make progress",
                        () -> CompletableFuture.completedFuture(health.live())),
                route("ready", "Whether the server should get more clients", health::ready));
    }

    private Route route(String kind, String summary, Supplier<CompletionStage<Report>> report) {
        return new Route(
                "GET",
                "/health/" + kind,
                Operation.of(summary).answers(200, Answer.class).answers(503, Answer.class),
                call -> report.get().thenApply(found -> response(call, found)));
    }

    private ApiResponse response(ApiCall call, Report report) {
        List<Part> checks = maySeeChecks(call.request())
                ? report.checks().stream().map(HealthRoutes::part).toList()
                : List.of();
        int status = report.isUp() ? 200 : ApiError.UNAVAILABLE.status();
        return ApiResponse.json(status, new Answer(word(report.isUp()), checks));
    }

    private static Part part(Check check) {
        return new Part(
                check.name(), word(check.isUp()), new Data(Instant.ofEpochMilli(check.sinceMillis()), check.reason()));
    }

    private static String word(boolean isUp) {
        return isUp ? "UP" : "DOWN";
    }

    private boolean maySeeChecks(ApiRequest request) {
        try {
            Identity identity = gate.recognize(request.caller());
            return identity.way() == Way.LOCAL
                    || new Access(identity, permissions).onServer().include(Action.ADMIN);
        } catch (ForbiddenException | UnauthenticatedException | UnavailableException e) {
            return false; // a balancer may call by any address or name
        }
    }
}
