package dev.tutti.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A kind of request: its method, its path, its description and its handler. Immutable.
 *
 * @param path segments, of which one in braces stands for any that is not empty: {@code /api/rooms/{room}/publications}
 */
record Route(String method, String path, Operation operation, Handler handler) {
    /** Answers the requests of a route. Safe for any thread. */
    @FunctionalInterface
    interface Handler {
        /**
         * Returns the response; does not block.
         *
         * @throws ApiException if the request cannot be answered
         */
        CompletionStage<ApiResponse> handle(ApiCall call);
    }

    /** Returns the values of the segments in braces, by name; null if this is not the route's path. A path without any may end with a slash. */
    @Nullable
    Map<String, String> match(List<String> segments) {
        List<String> own = List.of(path.substring(1).split("/"));
        int slash = path.indexOf('{') >= 0 || !segments.get(segments.size() - 1).isEmpty() ? 0 : 1;
        if (own.size() != segments.size() - slash) {
            return null;
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < own.size(); i++) {
            String segment = segments.get(i);
            String expected = own.get(i);
            if (isVariable(expected) && !segment.isEmpty()) {
                values.put(expected.substring(1, expected.length() - 1), segment);
            } else if (!expected.equals(segment)) {
                return null;
            }
        }
        return values;
    }

    /** Returns the names of the segments in braces, in their order. */
    List<String> variables() {
        return List.of(path.split("/")).stream()
                .filter(Route::isVariable)
                .map(segment -> segment.substring(1, segment.length() - 1))
                .toList();
    }

    private static boolean isVariable(String segment) {
        return segment.startsWith("{");
    }

    /** Returns whether the route answers a method: its own, and HEAD like GET, with a response whose body the server leaves out. */
    boolean answers(String requested) {
        return requested.equals(method) || (requested.equals("HEAD") && method.equals("GET"));
    }
}
