package dev.tutti.endpoint;

import jakarta.json.bind.JsonbException;
import jakarta.websocket.Decoder;

/** Makes a {@link Request} of a text frame. Stateless; a container makes one for each session. */
public final class RequestDecoder implements Decoder.Text<Request> {

    /**
     * Returns the request of a frame; {@link Request.Bad} if it holds none, because its client is answered and stays; {@link
     * Request.TooLarge} if it is over {@link dev.tutti.hub.Limits#maxMessageBytes}.
     */
    @Override
    public Request decode(String frame) {
        String tooLarge = JsonText.tooLarge(frame);
        if (tooLarge != null) {
            return new Request.TooLarge(tooLarge);
        }
        int start = JsonText.skipWhitespace(frame, 0);
        if (start == frame.length() || frame.charAt(start) != '{') {
            return bad("a frame is one JSON object");
        }
        Request request;
        try {
            request = MessageJson.JSONB.fromJson(frame, Request.class);
        } catch (JsonbException e) {
            return bad("a frame is one JSON object, and this one cannot be read");
        }
        return JsonText.isOneStructure(frame)
                ? request
                : bad("a frame is one JSON object, and there is more behind it");
    }

    /** Every text frame is tried, so that a bad one is answered with its fault. */
    @Override
    public boolean willDecode(String frame) {
        return true;
    }

    private static Request bad(String why) {
        return new Request.Bad(null, Problem.BAD_REQUEST, why);
    }
}
