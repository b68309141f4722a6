package dev.tutti.protocol.tuttiv1;

import dev.tutti.protocol.JsonText;
import dev.tutti.protocol.SizeLimit;
import jakarta.json.bind.JsonbException;

/** Reads a text frame as a {@link Request}. Immutable. */
public final class RequestReader {
    private final SizeLimit limit;

    /** Makes a reader of requests up to a limit. */
    public RequestReader(SizeLimit limit) {
        this.limit = limit;
    }

    /** Returns the request of a frame; {@link Request.Bad} if it holds none, {@link Request.TooLarge} if it is over the limit. */
    public Request read(String frame) {
        String tooLarge = limit.refusal(frame);
        if (tooLarge != null) {
            return new Request.TooLarge(tooLarge);
        }
        int start = JsonText.skipWhitespace(frame, 0);
        if (start == frame.length() || frame.charAt(start) != '{') {
            return bad("a frame is one JSON object");
        }
        Request request;
        try {
            request = RequestJson.JSONB.fromJson(frame, Request.class);
        } catch (JsonbException e) {
            return bad("a frame is one JSON object, and this one cannot be read");
        }
        return JsonText.isOneStructure(frame)
                ? request
                : bad("a frame is one JSON object, and there is more behind it");
    }

    private static Request bad(String message) {
        return new Request.Bad(null, ErrorCode.BAD_REQUEST, message);
    }
}
