package dev.tutti.http;

import dev.tutti.http.Operation.Content;
import dev.tutti.settings.Version;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes the description of the HTTP API by OpenAPI 3.1 from its routes. Confined to its caller. */
final class OpenApi {
    /** The errors that every route of the API may answer. */
    private static final Set<ApiError> OF_ALL = EnumSet.of(
            ApiError.BAD_REQUEST,
            ApiError.UNAUTHENTICATED,
            ApiError.FORBIDDEN,
            ApiError.RATE_LIMITED,
            ApiError.INTERNAL,
            ApiError.UNAVAILABLE);

    private final Schemas schemas = new Schemas();

    private OpenApi() {}

    /** Returns {@code GET /api/openapi.json}, which describes these routes and itself. It holds nothing secret, so everybody may read it. */
    static Route route(List<Route> routes) {
        Operation operation = Operation.of("This description").answersJson();
        List<Route> all = new ArrayList<>(routes);
        Description description = new Description(all);
        Route own = new Route(
                "GET",
                "/api/openapi.json",
                operation,
                call -> CompletableFuture.completedFuture(ApiResponse.json(description.get())));
        all.add(own);
        return own;
    }

    /** The description of some routes, made when it is first asked for: that takes a quarter of a start. Safe for any thread. */
    private static final class Description {
        private final List<Route> routes;
        /** Null until it is asked for; guarded by this. */
        private @Nullable JsonObject json;

        Description(List<Route> routes) {
            this.routes = routes;
        }

        synchronized JsonObject get() {
            JsonObject made = json == null ? new OpenApi().describe(routes) : json;
            json = made;
            return made;
        }
    }

    private JsonObject describe(List<Route> routes) {
        Map<String, JsonObjectBuilder> paths = new LinkedHashMap<>();
        for (Route route : routes) {
            paths.computeIfAbsent(route.path(), path -> Json.createObjectBuilder())
                    .add(route.method().toLowerCase(Locale.ROOT), operation(route));
        }
        JsonObjectBuilder all = Json.createObjectBuilder();
        paths.forEach(all::add);
        schemas.refer(ApiResponse.Failure.class);
        return Json.createObjectBuilder()
                .add("openapi", "3.1.0")
                .add("info", Json.createObjectBuilder().add("title", "Tutti").add("version", Version.get()))
                .add("paths", all)
                .add(
                        "components",
                        Json.createObjectBuilder()
                                .add("schemas", schemas.all())
                                .add(
                                        "securitySchemes",
                                        Json.createObjectBuilder().add("bearer", bearer())))
                .add(
                        "security",
                        Json.createArrayBuilder()
                                .add(Json.createObjectBuilder())
                                .add(Json.createObjectBuilder().add("bearer", Json.createArrayBuilder())))
                .build();
    }

    private static JsonObjectBuilder bearer() {
        return Json.createObjectBuilder()
                .add("type", "http")
                .add("scheme", "bearer")
                .add("description", "a signed token of a user, or an API key");
    }

    private JsonObjectBuilder operation(Route route) {
        Operation operation = route.operation();
        JsonObjectBuilder json = Json.createObjectBuilder()
                .add("operationId", operationId(route))
                .add("summary", operation.summary())
                .add("parameters", parameters(route));
        if (operation.body() != null) {
            json.add(
                    "requestBody",
                    Json.createObjectBuilder().add("required", true).add("content", content(operation.body())));
        }
        return json.add("responses", responses(operation));
    }

    /** Returns a name such as {@code postRoomsPublications}, for generators of code. */
    private static String operationId(Route route) {
        return route.method().toLowerCase(Locale.ROOT)
                + List.of(route.path().split("[/.]")).stream()
                        .filter(segment -> !segment.isEmpty() && !segment.equals("api"))
                        .map(segment -> segment.startsWith("{")
                                ? "By" + capitalized(segment.substring(1, segment.length() - 1))
                                : capitalized(segment))
                        .collect(Collectors.joining());
    }

    private static String capitalized(String word) {
        return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }

    private static JsonArrayBuilder parameters(Route route) {
        JsonArrayBuilder parameters = Json.createArrayBuilder();
        for (String variable : route.variables()) {
            parameters.add(Json.createObjectBuilder()
                    .add("name", variable)
                    .add("in", "path")
                    .add("required", true)
                    .add("schema", Json.createObjectBuilder().add("type", "string")));
        }
        for (Operation.Parameter parameter : route.operation().parameters()) {
            parameters.add(Json.createObjectBuilder()
                    .add("name", parameter.name())
                    .add("in", "query")
                    .add("description", parameter.description())
                    .add("schema", schema(parameter.kind())));
        }
        return parameters;
    }

    private static JsonObjectBuilder schema(Operation.Kind kind) {
        JsonObjectBuilder schema = Json.createObjectBuilder();
        return switch (kind) {
            case TEXT -> schema.add("type", "string");
            case WHOLE_NUMBER -> schema.add("type", "integer");
            case TIME -> schema.add("type", "string").add("format", "date-time");
            case BASE64URL -> schema.add("type", "string").add("contentEncoding", "base64url");
        };
    }

    private JsonObjectBuilder responses(Operation operation) {
        JsonObjectBuilder responses = Json.createObjectBuilder();
        operation.answers().forEach((status, content) -> {
            JsonObjectBuilder response =
                    Json.createObjectBuilder().add("description", status == 204 ? "done" : "the answer");
            responses.add(
                    Integer.toString(status),
                    content.equals(Content.NOTHING) ? response : response.add("content", content(content)));
        });
        errors(operation)
                .forEach((status, words) -> responses.add(
                        Integer.toString(status),
                        Json.createObjectBuilder()
                                .add("description", words)
                                .add("content", content(Content.json(ApiResponse.Failure.class)))));
        return responses;
    }

    private static Map<Integer, String> errors(Operation operation) {
        Set<ApiError> all = EnumSet.copyOf(OF_ALL);
        all.addAll(operation.errors());
        if (operation.body() != null) {
            all.add(ApiError.TOO_LARGE);
            all.add(ApiError.UNSUPPORTED_MEDIA_TYPE);
        }
        Map<Integer, String> byStatus = new TreeMap<>();
        all.forEach(error -> byStatus.put(error.status(), error.code()));
        byStatus.keySet().removeAll(operation.answers().keySet()); // such as the 503 of a server that is not ready
        return byStatus;
    }

    private JsonObjectBuilder content(Content content) {
        JsonObjectBuilder mediaType = Json.createObjectBuilder();
        if (content.type() != null) {
            mediaType.add("schema", schemas.refer(content.type()));
        }
        return Json.createObjectBuilder().add(content.mediaType(), mediaType);
    }
}
