package dev.tutti.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One message, or several lines of text messages: encoded once and ready for every transport. Immutable. */
public final class Frame {
    /** The longest header of a frame from a server: two bytes and a length of eight (RFC 6455 section 5.2). */
    static final int MAX_HEADER_BYTES = 10;

    private static final int FINAL_TEXT = 0x81;
    private static final int FINAL_BINARY = 0x82;

    /** Null for a binary message. */
    private final @Nullable String text;

    private final byte[] payload;

    private Frame(@Nullable String text, byte[] payload) {
        this.text = text;
        this.payload = payload;
    }

    /** Returns the frame of a text message. {@code text} holds no lone surrogates, which UTF-8 cannot encode. */
    public static Frame text(String text) {
        return new Frame(text, text.getBytes(UTF_8));
    }

    /** Returns the frame of a binary message. The caller must not change {@code payload} any more. */
    public static Frame binary(byte[] payload) {
        return new Frame(null, payload);
    }

    /**
     * Joins text messages, in their order, into as few frames as possible: several share a frame, one on each line. Encodes nothing again.
     *
     * @param messages without a line feed
     * @param maxBytes of the payload that several messages share; a longer message has a frame of its own
     */
    public static List<Frame> joinLines(List<Frame> messages, int maxBytes) {
        List<Frame> joined = new ArrayList<>(1);
        int first = 0;
        while (first < messages.size()) {
            int end = first + 1;
            long bytes = messages.get(first).payload.length;
            while (end < messages.size() && bytes + 1 + messages.get(end).payload.length <= maxBytes) {
                bytes += 1 + messages.get(end).payload.length;
                end++;
            }
            joined.add(lines(messages.subList(first, end), (int) bytes));
            first = end;
        }
        return joined;
    }

    /** Returns a frame of at least one message; {@code bytes} is the length of its payload. */
    private static Frame lines(List<Frame> messages, int bytes) {
        if (messages.size() == 1) {
            return messages.get(0);
        }
        StringBuilder text = new StringBuilder(bytes); // in ASCII as many characters
        byte[] payload = new byte[bytes];
        int at = 0;
        for (Frame message : messages) {
            System.arraycopy(message.payload, 0, payload, at, message.payload.length);
            at += message.payload.length;
            text.append(message.text());
            if (at < bytes) {
                payload[at++] = '\n';
                text.append('\n');
            }
        }
        return new Frame(text.toString(), payload);
    }

    /** Returns whether this is a text message. */
    public boolean isText() {
        return text != null;
    }

    /** Returns a text message as a string, for transports that encode the frame themselves. */
    public String text() {
        return Objects.requireNonNull(text, "a binary message");
    }

    /** Returns the bytes of the message, in UTF-8 for text. Shared: must not be changed. */
    public byte[] payload() {
        return payload;
    }

    /** Returns the bytes of this frame on the wire, with its header. */
    int wireBytes() {
        int n = payload.length;
        return n + (n < 126 ? 2 : n < 65536 ? 4 : MAX_HEADER_BYTES);
    }

    /** Writes this frame, unfragmented and unmasked as RFC 6455 section 5.1 requires of a server, and returns the end index. */
    int write(byte[] to, int at) {
        int n = payload.length;
        int payloadAt = writeHeader(to, at);
        System.arraycopy(payload, 0, to, payloadAt, n);
        return payloadAt + n;
    }

    /** Returns the header: first byte and length. */
    byte[] header() {
        byte[] header = new byte[wireBytes() - payload.length];
        writeHeader(header, 0);
        return header;
    }

    private int writeHeader(byte[] to, int start) {
        int at = start;
        int n = payload.length;
        to[at++] = (byte) (text == null ? FINAL_BINARY : FINAL_TEXT);
        if (n < 126) {
            to[at++] = (byte) n;
        } else if (n < 65536) {
            to[at++] = 126;
            to[at++] = (byte) (n >> 8);
            to[at++] = (byte) n;
        } else {
            to[at++] = 127;
            for (int shift = 56; shift >= 0; shift -= 8) {
                to[at++] = (byte) ((long) n >> shift);
            }
        }
        return at;
    }
}
