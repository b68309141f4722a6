package dev.tutti.http;

import jakarta.json.Json;
import jakarta.json.JsonObjectBuilder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The response to an {@link ApiRequest}. Immutable.
 *
 * @param headers names and values, the media type among them; the length is the server's to add
 * @param body JSON, or other text; empty for none
 */
public record ApiResponse(int status, Map<String, String> headers, String body) {
    private static final Map<String, String> HEADERS =
            Map.of("Cache-Control", "no-store", "X-Content-Type-Options", "nosniff");

    /** Copies the headers. */
    public ApiResponse {
        headers = Map.copyOf(headers);
    }

    /** Returns 200 with a JSON object. */
    static ApiResponse ok(JsonObjectBuilder body) {
        return json(200, body);
    }

    /** Returns 200 with a text of this media type. */
    static ApiResponse text(String contentType, String body) {
        return new ApiResponse(200, HEADERS, body).with("Content-Type", contentType);
    }

    /** Returns 204. */
    static ApiResponse noContent() {
        return new ApiResponse(204, HEADERS, "");
    }

    /** Returns {@code {"error":…,"message":…}} with the error's status. */
    static ApiResponse error(ApiError error, String message) {
        return json(
                error.status(),
                Json.createObjectBuilder().add("error", error.code()).add("message", message));
    }

    /** Returns the same response with one header more. */
    ApiResponse with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new ApiResponse(status, more, body);
    }

    private static ApiResponse json(int status, JsonObjectBuilder body) {
        return new ApiResponse(status, HEADERS, body.build().toString()).with("Content-Type", "application/json");
    }
}
