package dev.tutti.endpoint;

import dev.tutti.hub.CloseCode;
import jakarta.json.bind.JsonbException;
import jakarta.json.stream.JsonParsingException;
import jakarta.websocket.Decoder;

/** Makes a {@link Message} of a text frame. Stateless; a container makes one for each session. */
public final class MessageDecoder implements Decoder.Text<Message> {

    /**
     * Returns the message of a frame that holds one JSON string.
     *
     * @throws MalformedMessageException if the frame holds anything else, or is over {@link
     *     dev.tutti.hub.Limits#maxMessageBytes}; its message is the reason to close with
     */
    @Override
    public Message decode(String frame) throws MalformedMessageException {
        JsonText.requireSize(frame);
        requireOneString(frame);
        try {
            return MessageJson.JSONB.fromJson(frame, Message.class);
        } catch (JsonbException e) {
            String where = e.getCause() instanceof JsonParsingException parsing
                    ? " at character " + parsing.getLocation().getStreamOffset()
                    : "";
            throw malformed("not a JSON string: bad escape or control character" + where);
        }
    }

    /** Every text frame is tried, so that a bad one is answered with its fault. */
    @Override
    public boolean willDecode(String frame) {
        return true;
    }

    /** A parser reads one value: that this is a string, and the only one, has to be seen before. */
    private static void requireOneString(String frame) throws MalformedMessageException {
        int start = JsonText.skipWhitespace(frame, 0);
        if (start == frame.length()) {
            throw malformed("an empty message: a JSON string is expected");
        }
        if (frame.charAt(start) != '"') {
            throw malformed("not a JSON string: it starts with another character than a quote");
        }
        int end = start + 1;
        while (end < frame.length() && frame.charAt(end) != '"') {
            end += frame.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= frame.length()) {
            throw malformed("not a JSON string: it has no closing quote");
        }
        if (JsonText.skipWhitespace(frame, end + 1) != frame.length()) {
            throw malformed("more than one JSON string: data after the closing quote");
        }
    }

    private static MalformedMessageException malformed(String reason) {
        return new MalformedMessageException(CloseCode.MALFORMED, reason, "");
    }
}
