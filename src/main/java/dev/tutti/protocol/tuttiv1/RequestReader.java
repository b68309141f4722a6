package dev.tutti.protocol.tuttiv1;

import dev.tutti.protocol.JsonText;
import jakarta.json.bind.JsonbException;

/** Reads a line of a text frame as a {@link Request}. Stateless. */
final class RequestReader {
    private RequestReader() {}

    /** Returns the request of a line; {@link Request.Bad} if it holds none. */
    static Request read(String line) {
        int start = JsonText.skipWhitespace(line, 0);
        if (start == line.length() || line.charAt(start) != '{') {
            return bad("a request is one JSON object in one line");
        }
        Request request;
        try {
            request = RequestJson.JSONB.fromJson(line, Request.class);
        } catch (JsonbException e) {
            return bad("a request is one JSON object in one line, and this one cannot be read");
        }
        return JsonText.isOneStructure(line)
                ? request
                : bad("a request is one JSON object in one line, and there is more behind it");
    }

    private static Request bad(String message) {
        return new Request.Bad(null, ErrorCode.BAD_REQUEST, message);
    }
}
