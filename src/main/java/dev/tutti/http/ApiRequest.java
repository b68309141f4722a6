package dev.tutti.http;

import dev.tutti.security.Caller;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request, as far as a {@link Route} needs it. Confined to the thread that the server calls.
 *
 * @param path as it came, not decoded
 * @param contextPath the application's path in its container, not decoded; empty for the root
 * @param caller the peer that sent it
 * @param query the parameters of the query
 * @param exchange reads the body
 */
public record ApiRequest(
        String method, String path, String contextPath, Caller caller, Query query, Exchange exchange) {
    /** The parameters of a query. */
    @FunctionalInterface
    public interface Query {
        /** Returns the first value of a parameter, decoded; null if it is absent. */
        @Nullable
        String get(String name);
    }

    /** Makes a request, whose query the caller has. */
    public ApiRequest(String method, String path, String contextPath, Caller caller, Exchange exchange) {
        this(method, path, contextPath, caller, QueryString.of(caller.query()), exchange);
    }

    /** Returns the bytes of the body that the head announces; -1 if it does not, as for chunks. */
    int contentLength() {
        return caller.headers().get("Content-Length").stream()
                .filter(length -> length.matches("\\d{1,9}"))
                .findFirst()
                .map(Integer::parseInt)
                .orElse(-1);
    }

    /**
     * Returns the decoded segments of the path below the context path; at least one.
     *
     * @throws IllegalArgumentException if the path has more than one reading
     */
    List<String> segments() {
        List<String> all = RequestPath.segments(path);
        int context =
                contextPath.isEmpty() ? 0 : RequestPath.segments(contextPath).size();
        return all.subList(Math.min(context, all.size() - 1), all.size());
    }
}
