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
        int maxBytes = SessionRegistry.hub().limits().maxMessageBytes();
        if (maxBytes != 0 && utf8Length(frame) > maxBytes) {
            throw new MalformedMessageException(
                    CloseCode.TOO_LARGE, "a message has at most " + maxBytes + " bytes", "");
        }
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
        int start = skipWhitespace(frame, 0);
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
        if (skipWhitespace(frame, end + 1) != frame.length()) {
            throw malformed("more than one JSON string: data after the closing quote");
        }
    }

    /** Skips what RFC 8259 section 2 calls whitespace. */
    private static int skipWhitespace(String text, int at) {
        int i = at;
        while (i < text.length() && " \t\n\r".indexOf(text.charAt(i)) >= 0) {
            i++;
        }
        return i;
    }

    private static int utf8Length(String text) {
        int bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2; // a pair's four bytes are two for each half
            }
        }
        return bytes;
    }

    private static MalformedMessageException malformed(String reason) {
        return new MalformedMessageException(CloseCode.MALFORMED, reason, "");
    }
}
