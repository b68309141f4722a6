package dev.tutti.http;

import dev.tutti.hub.Hub;
import java.util.concurrent.CompletableFuture;

/** {@code GET /health}: {@code {"status":"ok","clients":n}}, with the number of open connections. Stateless. */
final class HealthRoute {
    private HealthRoute() {}

    /** The state of the server. */
    record State(String status, int clients) {}

    static Route of(Hub hub) {
        return new Route(
                "GET",
                "/health",
                Operation.of("Whether the server answers, and how many clients are connected")
                        .answers(200, State.class),
                call -> CompletableFuture.completedFuture(ApiResponse.ok(new State("ok", hub.clientCount()))));
    }
}
