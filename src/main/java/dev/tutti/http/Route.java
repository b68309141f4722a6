package dev.tutti.http;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A kind of request: its method, its path and its handler. Immutable.
 *
 * @param path segments, of which {@code {name}} stands for any one that is not empty: {@code /api/documents/{name}}
 * @param parameters the query parameters that the handler reads; all are optional
 */
record Route(String method, String path, List<String> parameters, Handler handler) {
    private static final String NAME = "{name}";

    /** Answers the requests of a route. Safe for any thread. */
    @FunctionalInterface
    interface Handler {
        /**
         * Returns the response; does not block.
         *
         * @param name the segment that stands at {@code {name}}; empty if the path has none
         * @throws ApiException if the request cannot be answered
         */
        CompletionStage<ApiResponse> handle(ApiRequest request, String name);
    }

    /**
     * Returns the segment that stands at {@code {name}}, empty if the path has none; null if this is not the route's path. A path without a
     * name may end with a slash.
     */
    @Nullable
    String match(List<String> segments) {
        List<String> own = List.of(path.substring(1).split("/"));
        int slash = own.contains(NAME) || !segments.get(segments.size() - 1).isEmpty() ? 0 : 1;
        if (own.size() != segments.size() - slash) {
            return null;
        }
        String name = "";
        for (int i = 0; i < own.size(); i++) {
            String segment = segments.get(i);
            if (own.get(i).equals(NAME) && !segment.isEmpty()) {
                name = segment;
            } else if (!own.get(i).equals(segment)) {
                return null;
            }
        }
        return name;
    }

    /** Returns whether the route answers a method: its own, and HEAD like GET, with a response whose body the server leaves out. */
    boolean answers(String requested) {
        return requested.equals(method) || (requested.equals("HEAD") && method.equals("GET"));
    }
}
