package dev.tutti.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One message, or several lines of text messages: encoded once and ready for every transport. Safe for any thread. */
public final class Frame {
    /** The longest header of a frame from a server: two bytes and a length of eight (RFC 6455 section 5.2). */
    static final int MAX_HEADER_BYTES = 10;

    private static final int FINAL_TEXT = 0x81;
    private static final int FINAL_BINARY = 0x82;

    private final boolean isText;
    private final byte[] payload;

    /** Null for a binary message, and for lines until a transport needs them as a string. Threads that race make equal strings. */
    private @Nullable String text;

    private Frame(boolean isText, byte[] payload, @Nullable String text) {
        this.isText = isText;
        this.payload = payload;
        this.text = text;
    }

    /** Returns the frame of a text message. {@code text} holds no lone surrogates, which UTF-8 cannot encode. */
    public static Frame text(String text) {
        return new Frame(true, text.getBytes(UTF_8), text);
    }

    /** Returns the frame of a binary message. The caller must not change {@code payload} any more. */
    public static Frame binary(byte[] payload) {
        return new Frame(false, payload, null);
    }

    /**
     * Joins text messages, in their order, into as few frames as possible: several share a frame, one on each line. Encodes nothing again.
     *
     * @param messages in frames of their own or joined before, each message without a line feed
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
        byte[] payload = new byte[bytes];
        int at = 0;
        for (Frame message : messages) {
            System.arraycopy(message.payload, 0, payload, at, message.payload.length);
            at += message.payload.length;
            if (at < bytes) {
                payload[at++] = '\n';
            }
        }
        return new Frame(true, payload, null);
    }

    /** Returns whether this is a text message. */
    public boolean isText() {
        return isText;
    }

    /**
     * Returns text as a string, for transports that encode the frame themselves.
     *
     * @throws IllegalStateException for a binary message
     */
    public String text() {
        String made = text;
        if (made == null) {
            if (!isText) {
                throw new IllegalStateException("a binary message");
            }
            made = new String(payload, UTF_8);
            text = made;
        }
        return made;
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
        to[at++] = (byte) (isText ? FINAL_TEXT : FINAL_BINARY);
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
