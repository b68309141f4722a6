package dev.tutti.http;

import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Authenticator;
import dev.tutti.settings.Setting;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** {@code GET /metrics}: the metrics for Prometheus, or another program that reads its formats. Immutable. */
public final class MetricsRoute {
    static final String PATH = "/metrics";

    private static final String OPEN_METRICS = "application/openmetrics-text";

    private final Authenticator authenticator;
    private final Exposition exposition;
    private final Options options;

    /** Writes all metrics as text. Safe for any thread. */
    @FunctionalInterface
    public interface Exposition {
        /** Returns the metrics in the format of a media type: one of the two that {@link MetricsRoute} names. */
        String write(String contentType);
    }

    /** The setting of this route. */
    public record Options(
            @Setting(
                    value = "admin",
                    help =
                            "who may read /metrics: admin (peers with this right, and this machine with access=local), open (everybody)")
            MetricsAccess metricsAccess) {}

    /** Makes the route. */
    public MetricsRoute(Authenticator authenticator, Exposition exposition, Options options) {
        this.authenticator = authenticator;
        this.exposition = exposition;
        this.options = options;
    }

    /** Returns the route. 200; FORBIDDEN: no right to administer, or another site's page. */
    Route route() {
        return new Route("GET", PATH, Operation.of("Metrics for Prometheus"), call -> {
            if (!options.metricsAccess().isOpen()) {
                new Access(authenticator.gate().admitToOwnPages(call.request().caller()), authenticator.permissions())
                        .onServer()
                        .require(Action.ADMIN);
            }
            String contentType = contentType(call.request().caller().headers().get("Accept"));
            return CompletableFuture.completedFuture(ApiResponse.text(contentType, exposition.write(contentType)));
        });
    }

    private static String contentType(List<String> accepted) {
        boolean isOpenMetrics = accepted.stream().anyMatch(header -> header.contains(OPEN_METRICS));
        return isOpenMetrics
                ? OPEN_METRICS + "; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4; charset=utf-8";
    }
}
