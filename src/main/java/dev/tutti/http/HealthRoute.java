package dev.tutti.http;

import dev.tutti.hub.Hub;
import jakarta.json.Json;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** {@code GET /health}: {@code {"status":"ok","clients":n}}, with the number of open connections. Stateless. */
final class HealthRoute {
    private HealthRoute() {}

    static Route of(Hub hub) {
        return new Route(
                "GET",
                "/health",
                List.of(),
                (request, name) -> CompletableFuture.completedFuture(ApiResponse.ok(
                        Json.createObjectBuilder().add("status", "ok").add("clients", hub.clientCount()))));
    }
}
