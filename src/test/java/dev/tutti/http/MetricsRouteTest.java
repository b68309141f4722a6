package dev.tutti.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.hub.Budget;
import dev.tutti.security.Action;
import dev.tutti.security.Authenticator;
import dev.tutti.security.Caller;
import dev.tutti.security.Gate;
import dev.tutti.security.Origins;
import dev.tutti.security.Permissions;
import dev.tutti.security.Rules;
import dev.tutti.security.Ways;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsRouteTest {
    private static final String REMOTE = "192.0.2.1";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private final List<String> measured = new ArrayList<>();

    private Routes routes(String ways, Permissions permissions, String access) {
        Gate gate = new Gate(new Gate.Options(Ways.valueOf(ways)), Origins.of(new Origins.Options("*")));
        Route item = new Route(
                "GET",
                "/api/items/{name}",
                Operation.of("does nothing").answersNothing(),
                call -> CompletableFuture.completedFuture(ApiResponse.noContent()));
        return new Routes(List.of(item), new Budget(1_000_000))
                .with(
                        new MetricsRoute(
                                new Authenticator(gate, permissions),
                                contentType -> "of " + contentType,
                                new MetricsRoute.Options(MetricsAccess.valueOf(access))),
                        (route, status, nanos) ->
                                measured.add(route + " " + status + (nanos >= 0 ? "" : " before the start")));
    }

    private static ApiResponse get(Routes routes, String path, String address, Map<String, String> headers) {
        Caller caller = Caller.of(
                address,
                name -> headers.containsKey(name)
                        ? List.of(headers.get(name))
                        : name.equals("Host") ? List.of("localhost") : List.of(),
                null,
                null);
        return routes.answer(new ApiRequest("GET", path, "", caller, Exchange.WITHOUT_BODY))
                .toCompletableFuture()
                .join();
    }

    @Test
    void formatFollowsTheAcceptHeader() {
        Routes routes = routes("local", Rules.byDefault(), "admin");
        ApiResponse text = get(routes, "/metrics", "127.0.0.1", Map.of());
        ApiResponse open = get(
                routes,
                "/metrics",
                "127.0.0.1",
                Map.of("Accept", "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"));

        assertThat(text.headers()).containsEntry("Content-Type", PROMETHEUS).containsEntry("Cache-Control", "no-store");
        assertThat(text.body()).isEqualTo("of " + PROMETHEUS);
        assertThat(open.headers()).containsEntry("Content-Type", OPEN_METRICS);
        assertThat(open.body()).isEqualTo("of " + OPEN_METRICS);
    }

    @Test
    void guestsMayNotReadMetrics() {
        Routes routes = routes("local,open", Rules.byDefault(), "admin");

        assertThat(get(routes, "/metrics", REMOTE, Map.of()).status()).isEqualTo(403);
        assertThat(get(routes, "/metrics", "127.0.0.1", Map.of()).status()).isEqualTo(200);
        assertThat(get(routes, "/metrics", "127.0.0.1", Map.of("X-Forwarded-For", REMOTE))
                        .status())
                .isEqualTo(403);
    }

    @Test
    void administratorsMayReadMetrics() {
        Permissions admin = (identity, action, resource) -> action == Action.ADMIN;

        assertThat(get(routes("open", admin, "admin"), "/metrics", REMOTE, Map.of())
                        .status())
                .isEqualTo(200);
    }

    @Test
    void pagesOfOtherSitesMayNotReadMetrics() {
        Routes routes = routes("local", Rules.byDefault(), "admin");

        assertThat(get(routes, "/metrics", "127.0.0.1", Map.of("Origin", "https://other.example"))
                        .status())
                .isEqualTo(403);
    }

    @Test
    void settingOpensMetricsToEverybody() {
        Routes routes = routes("token", Rules.byDefault(), "open");

        assertThat(get(routes, "/metrics", REMOTE, Map.of()).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Admin", "token", "admin,open"})
    void otherAccessIsAnInvalidSetting(String access) {
        assertThatThrownBy(() -> MetricsAccess.valueOf(access))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("neither admin nor open");
    }

    @Test
    void requestsAreMeasuredByRouteNotByPath() {
        Routes routes = routes("open", Rules.byDefault(), "admin");
        for (String path : List.of("/api/items/a", "/api/items/b", "/nothing", "/api/%", "/metrics")) {
            get(routes, path, REMOTE, Map.of());
        }

        assertThat(measured)
                .containsExactly(
                        "/api/items/{name} 204", "/api/items/{name} 204", "unknown 404", "unknown 400", "/metrics 403");
    }
}
