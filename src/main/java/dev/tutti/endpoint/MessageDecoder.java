package dev.tutti.endpoint;

import dev.tutti.hub.CloseCode;
import jakarta.json.bind.JsonbException;
import jakarta.json.stream.JsonParsingException;
import jakarta.websocket.Decoder;
import org.jspecify.annotations.Nullable;

/** Makes a {@link Message} of a text frame. Stateless; a container makes one for each session. */
public final class MessageDecoder implements Decoder.Text<Message> {

    /**
     * Returns the text of a frame that holds one JSON string; {@link Message.Malformed} if it holds anything else, or is over {@link
     * dev.tutti.hub.Limits#maxMessageBytes}.
     */
    @Override
    public Message decode(String frame) {
        String tooLarge = JsonText.tooLarge(frame);
        if (tooLarge != null) {
            return new Message.Malformed(CloseCode.TOO_LARGE, tooLarge);
        }
        String fault = faultOfOneString(frame);
        if (fault != null) {
            return new Message.Malformed(CloseCode.MALFORMED, fault);
        }
        try {
            return MessageJson.JSONB.fromJson(frame, Message.Text.class);
        } catch (JsonbException e) {
            String where = e.getCause() instanceof JsonParsingException parsing
                    ? " at character " + parsing.getLocation().getStreamOffset()
                    : "";
            return new Message.Malformed(
                    CloseCode.MALFORMED, "not a JSON string: bad escape or control character" + where);
        }
    }

    /** Every text frame is tried, so that a bad one is answered with its fault. */
    @Override
    public boolean willDecode(String frame) {
        return true;
    }

    /** A parser reads one value: that this is a string, and the only one, has to be seen before. Returns null if it is. */
    private static @Nullable String faultOfOneString(String frame) {
        int start = JsonText.skipWhitespace(frame, 0);
        if (start == frame.length()) {
            return "an empty message: a JSON string is expected";
        }
        if (frame.charAt(start) != '"') {
            return "not a JSON string: it starts with another character than a quote";
        }
        int end = start + 1;
        while (end < frame.length() && frame.charAt(end) != '"') {
            end += frame.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= frame.length()) {
            return "not a JSON string: it has no closing quote";
        }
        if (JsonText.skipWhitespace(frame, end + 1) != frame.length()) {
            return "more than one JSON string: data after the closing quote";
        }
        return null;
    }
}
