package dev.tutti.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.hub.Page;
import jakarta.json.JsonObject;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The response to an {@link ApiRequest}. Immutable.
 *
 * @param headers names and values, the media type among them; the length is the server's to add
 * @param content the bytes of an array of its own; nobody changes them
 */
public record ApiResponse(int status, Map<String, String> headers, ByteBuffer content) {
    private static final Map<String, String> HEADERS =
            Map.of("Cache-Control", "no-store", "X-Content-Type-Options", "nosniff");

    /** A failure: the word of an {@link ApiError}, and the reason for people. */
    record Failure(String error, String message) {}

    /** Copies the headers. */
    public ApiResponse {
        headers = Map.copyOf(headers);
    }

    /** Makes a response with a text. */
    ApiResponse(int status, Map<String, String> headers, String body) {
        this(status, headers, ByteBuffer.wrap(body.getBytes(UTF_8)));
    }

    /** Returns 200 with a record as a JSON object. */
    static ApiResponse ok(Record body) {
        return json(200, body);
    }

    /** Returns 200 with a page as a JSON object, and the number of servers that it is from. */
    static ApiResponse of(Page<?> page, Record body) {
        return ok(body).with("Tutti-Servers", page.servers() + (page.isPartial() ? ";partial" : ""));
    }

    /** Returns 200 with a text of this media type. */
    static ApiResponse text(String contentType, String body) {
        return new ApiResponse(200, HEADERS, body).with("Content-Type", contentType);
    }

    /** Returns 200 with a JSON object. */
    static ApiResponse json(JsonObject body) {
        return new ApiResponse(200, HEADERS, body.toString()).with("Content-Type", ApiCall.JSON);
    }

    /** Returns 200 with bytes. */
    static ApiResponse bytes(byte[] content) {
        return new ApiResponse(200, HEADERS, ByteBuffer.wrap(content))
                .with("Content-Type", Operation.Content.BYTES.mediaType());
    }

    /** Returns 204. */
    static ApiResponse noContent() {
        return new ApiResponse(204, HEADERS, "");
    }

    /** Returns {@code {"error":…,"message":…}} with the error's status. */
    static ApiResponse error(ApiError error, String message) {
        return json(error.status(), new Failure(error.code(), message));
    }

    /** Returns the same response with one header more. */
    ApiResponse with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new ApiResponse(status, more, content);
    }

    /** Returns the bytes to send; the caller does not change them. */
    @SuppressWarnings("ByteBufferBackingArray") // each constructor wraps a whole array
    public byte[] toBytes() {
        return content.array();
    }

    /** Returns the content as text; empty for none. */
    public String body() {
        return UTF_8.decode(content.duplicate()).toString();
    }

    /** Returns a record as a JSON object, with any status. */
    static ApiResponse json(int status, Record body) {
        return new ApiResponse(status, HEADERS, RecordJson.write(body)).with("Content-Type", ApiCall.JSON);
    }
}
