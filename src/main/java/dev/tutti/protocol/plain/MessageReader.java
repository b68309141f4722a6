package dev.tutti.protocol.plain;

import dev.tutti.hub.CloseCode;
import dev.tutti.protocol.JsonText;
import dev.tutti.protocol.SizeLimit;
import jakarta.json.bind.JsonbException;
import jakarta.json.stream.JsonParsingException;
import org.jspecify.annotations.Nullable;

/** Reads a text frame as a {@link Message}. Immutable. */
public final class MessageReader {
    private final SizeLimit limit;

    /** Makes a reader of messages up to a limit. */
    public MessageReader(SizeLimit limit) {
        this.limit = limit;
    }

    /** Returns the text of a frame that holds one JSON string; {@link Message.Malformed} if it holds anything else, or is over the limit. */
    public Message read(String frame) {
        String tooLarge = limit.refusal(frame);
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

    /** Returns the fault of a frame that is not one JSON string; null if it is one. A parser would read any value, and ignore a second one. */
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
