package dev.tutti.http;

import dev.tutti.document.Documents;
import dev.tutti.document.StoreException;
import dev.tutti.health.Health;
import dev.tutti.hub.Administration;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.LimitException;
import dev.tutti.security.Authenticator;
import dev.tutti.security.ForbiddenException;
import dev.tutti.security.Gate;
import dev.tutti.security.Permissions;
import dev.tutti.security.UnauthenticatedException;
import dev.tutti.security.UnavailableException;
import dev.tutti.statistics.Statistics;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** All HTTP requests that Tutti answers besides its pages, for a servlet container and for the standalone server. Safe for any thread. */
public final class Routes {
    private static final Logger LOG = System.getLogger(Routes.class.getName());

    /** The route of requests whose path has none, in metrics. */
    public static final String UNKNOWN = "unknown";

    private final List<Route> routes;
    private final Budget budget;
    private final RequestMetrics metrics;

    /** @param budget bounds the memory of bodies and of long answers */
    Routes(List<Route> routes, Budget budget) {
        this(routes, budget, (route, status, nanos) -> {});
    }

    private Routes(List<Route> routes, Budget budget, RequestMetrics metrics) {
        this.routes = List.copyOf(routes);
        this.budget = budget;
        this.metrics = metrics;
    }

    /**
     * Returns the routes of an application.
     *
     * @param authenticator identifies the user of a request, and knows the user's rights
     */
    public static Routes of(
            Hub hub,
            Documents documents,
            Administration administration,
            Authenticator authenticator,
            Health health,
            Drain drain,
            Statistics statistics,
            DocumentRoutes.Options options,
            AccountRoute.Options accounts,
            Drain.Options drainOptions) {
        Gate gate = authenticator.gate();
        Permissions permissions = authenticator.permissions();
        List<Route> all = new ArrayList<>();
        Admission admission = new Admission(authenticator, hub.requestRates());
        all.addAll(new HealthRoutes(hub, health, gate, permissions).list());
        all.add(new AccountRoute(hub, gate, permissions, accounts).route());
        all.addAll(new RoomRoutes(hub.directory(), administration, admission).list());
        all.addAll(new PublicationRoutes(hub.directory(), admission, hub.limits()).list());
        all.addAll(new DocumentRoutes(documents, admission, options).list());
        all.addAll(new TrashRoutes(documents.trash(), admission, options.manageDocuments()).list());
        all.addAll(new VersionRoutes(documents.versions(), admission, options.manageDocuments()).list());
        all.addAll(new AdministrationRoutes(administration, admission).list());
        all.add(new DrainRoute(new ServerDrain(drain, hub, administration), drainOptions, admission).route());
        all.add(new ClientRoutes(administration, admission).route());
        all.add(new StatisticsRoute(
                        new ServerStatistics(statistics, hub, documents, drain, health, gate, administration),
                        admission)
                .route());
        Routes alone = new Routes(all, hub.budget());
        all.add(new BatchRoute(admission, alone::answer).route());
        all.add(OpenApi.route(all));
        return new Routes(all, hub.budget());
    }

    /** Returns these routes with one that shows metrics, and with the duration of each request in them. */
    public Routes with(MetricsRoute shown, RequestMetrics measured) {
        List<Route> all = new ArrayList<>(routes);
        all.add(shown.route());
        return new Routes(all, budget, measured);
    }

    /** Returns the response to a request; does not block, and the stage does not fail. */
    public CompletionStage<ApiResponse> answer(ApiRequest request) {
        long began = System.nanoTime();
        List<Route> found = List.of();
        CompletionStage<ApiResponse> response;
        try {
            List<String> path = segments(request);
            found = routes.stream().filter(route -> route.match(path) != null).toList();
            response = dispatch(request, path, found);
        } catch (RuntimeException e) {
            response = CompletableFuture.failedFuture(e);
        }
        String route = found.isEmpty() ? UNKNOWN : found.get(0).path();
        return response.exceptionally(Routes::failed).thenApply(answer -> {
            metrics.answered(route, answer.status(), System.nanoTime() - began);
            return answer;
        });
    }

    private CompletionStage<ApiResponse> dispatch(ApiRequest request, List<String> path, List<Route> found) {
        if (found.isEmpty()) {
            throw new ApiException(ApiError.NOT_FOUND, "there is nothing here");
        }
        for (Route route : found) {
            Map<String, String> values = route.match(path);
            if (values != null && route.answers(request.method())) {
                return route.handler().handle(new ApiCall(request, values, budget));
            }
        }
        return CompletableFuture.completedFuture(methodNotAllowed(found));
    }

    private static List<String> segments(ApiRequest request) {
        try {
            return request.segments();
        } catch (IllegalArgumentException e) {
            throw new ApiException(ApiError.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
    }

    private static ApiResponse methodNotAllowed(List<Route> found) {
        String methods = found.stream().map(Route::method).collect(Collectors.joining(", "));
        return ApiResponse.error(ApiError.METHOD_NOT_ALLOWED, "this answers " + methods + " only")
                .with("Allow", methods);
    }

    /** Tells a program when to try again, if that can help. */
    private static ApiResponse retriable(ApiError error, ApiResponse response) {
        return error == ApiError.RATE_LIMITED ? response.with("Retry-After", "1") : response;
    }

    private static ApiResponse failed(Throwable failure) {
        Throwable cause = StoreException.causeOf(failure);
        if (cause instanceof ApiException e) {
            return retriable(e.error(), ApiResponse.error(e.error(), String.valueOf(e.getMessage())));
        }
        if (cause instanceof ForbiddenException e) {
            return ApiResponse.error(ApiError.FORBIDDEN, e.reason());
        }
        if (cause instanceof UnauthenticatedException e) {
            ApiError error = ApiError.of(e);
            ApiResponse response = ApiResponse.error(error, e.reason());
            return error == ApiError.UNAUTHENTICATED ? response.with("WWW-Authenticate", "Bearer") : response;
        }
        if (cause instanceof UnavailableException e) {
            return ApiResponse.error(ApiError.UNAVAILABLE, e.reason());
        }
        if (cause instanceof LimitException e) {
            return ApiResponse.error(ApiError.UNAVAILABLE, e.breach().reason());
        }
        if (cause instanceof StoreException) {
            return ApiResponse.error(ApiError.UNAVAILABLE, String.valueOf(cause.getMessage()));
        }
        LOG.log(Level.ERROR, "an HTTP request failed", cause);
        return ApiResponse.error(ApiError.INTERNAL, "the server failed");
    }
}
