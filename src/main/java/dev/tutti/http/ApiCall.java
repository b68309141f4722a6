package dev.tutti.http;

import dev.tutti.hub.Budget;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.RoomName;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A request of a {@link Route}: the values in its path and its query, and its body, each checked when it is asked for. Confined to the thread that
 * the server calls.
 *
 * @param path the segments that stand for a name in braces
 * @param budget bounds the memory of bodies and of long answers
 */
record ApiCall(ApiRequest request, Map<String, String> path, Budget budget) {
    static final String JSON = "application/json";

    static final int DEFAULT_LIMIT = 100;
    static final int MAX_LIMIT = 1000;

    /** Returns the segment that stands for a name in braces. */
    String segment(String name) {
        String value = path.get(name);
        if (value == null) {
            throw new AssertionError("the path has no {" + name + "}");
        }
        return value;
    }

    /** Returns the segment that names a room or a document. */
    String name(String variable) {
        String name = segment(variable);
        requireName(name);
        return name;
    }

    /** @throws ApiException if no room or document can have a name */
    static void requireName(String name) {
        if (!RoomName.isValid(name)) {
            throw new ApiException(ApiError.BAD_REQUEST, RoomName.NO_NAME);
        }
    }

    /** Returns a parameter of the query; null if it is absent. */
    @Nullable
    String query(String name) {
        return request.query().get(name);
    }

    /** Returns a parameter of the query; empty if it is absent. */
    String queryOrEmpty(String name) {
        String value = query(name);
        return value == null ? "" : value;
    }

    /** Returns a parameter of the query that a store compares with names; empty if it is absent. Refuses null characters, as databases do. */
    String nameStart(String name) {
        String value = queryOrEmpty(name);
        if (value.indexOf('\0') >= 0) {
            throw new ApiException(ApiError.BAD_REQUEST, name + " holds a null character");
        }
        return value;
    }

    /** Returns the number of results that the request asks for. */
    int limit() {
        String text = query("limit");
        if (text == null) {
            return DEFAULT_LIMIT;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= MAX_LIMIT) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // answered below, like a number out of range
        }
        throw new ApiException(ApiError.BAD_REQUEST, "limit is a whole number from 1 to " + MAX_LIMIT);
    }

    /**
     * Reads a JSON object. Another media type is refused: a page of another site can send it without asking.
     *
     * @throws ApiException if the body has another media type, or there is no memory for it
     */
    <R extends Record> CompletionStage<R> json(Class<R> type, int maxBytes) {
        requireMediaType(JSON);
        return read(maxBytes).thenApply(body -> RecordJson.read(type, body));
    }

    /** Reads bytes; otherwise as {@link #json}. */
    CompletionStage<byte[]> bytes(int maxBytes) {
        requireMediaType(Operation.Content.BYTES.mediaType());
        return read(maxBytes);
    }

    private CompletionStage<byte[]> read(int maxBytes) {
        int announced = request.contentLength();
        reserve(Budget.Share.INPUT, announced < 0 ? maxBytes : Math.min(announced, maxBytes));
        return request.exchange().read(maxBytes);
    }

    /**
     * Reserves memory until the request has ended.
     *
     * @throws ApiException if there is none
     */
    void reserve(Budget.Share share, long bytes) {
        Budget.Quota quota = budget.quota(request.caller().addressKey());
        if (!quota.tryReserve(share, bytes)) {
            quota.close();
            throw new ApiException(ApiError.UNAVAILABLE, LimitBreach.MEMORY.reason());
        }
        request.exchange().whenEnded(() -> {
            quota.release(share, bytes);
            quota.close();
        });
    }

    private void requireMediaType(String expected) {
        String given = request.caller().headers().get("Content-Type").stream()
                .findFirst()
                .orElse("");
        if (!given.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(expected)) {
            throw new ApiException(ApiError.UNSUPPORTED_MEDIA_TYPE, "the body's Content-Type is " + expected);
        }
    }
}
