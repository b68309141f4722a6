package dev.tutti.standalone.guard;

import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one client, checked as their bytes arrive and without keeping any: RFC 6455 section 5, no extensions. A fault is
 * seen at the first byte that makes it one: a message that is too large when its length is announced, a text that is not UTF-8
 * inside a frame that has not ended. Confined to one thread.
 */
public final class FrameParser {
    /** Pings and pongs together. */
    static final int MAX_CONTROLS_PER_SECOND = 100;

    /** A fragment below this costs more than it brings. */
    static final int TINY_FRAGMENT_BYTES = 64;

    /** Tiny fragments of one message. */
    public static final int MAX_TINY_FRAGMENTS = 1024;

    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private static final int FINAL = 0x80;
    private static final int RESERVED = 0x70;
    private static final int MASKED = 0x80;
    private static final int MAX_CONTROL_BYTES = 125;
    private static final int LENGTH_IN_2_BYTES = 126;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private enum Part {
        OPCODE,
        SHORT_LENGTH,
        LENGTH,
        MASK,
        PAYLOAD
    }

    private final long maxTextBytes;
    private final long maxBinaryBytes;
    private final LongSupplier nanoTime;
    private final BooleanSupplier answersPing;

    private Part part = Part.OPCODE;
    private boolean isFinal;
    private int opcode;
    /** How many bytes this part of the header still lacks. */
    private int partBytes;

    private int lengthBytes;
    private long length;
    private int mask;
    /** How much of the payload has come. */
    private long payloadBytes;

    /** The opcode of the message that has begun and is not complete; 0 if there is none. */
    private int message;

    private int messageOpcode;
    private long messageBytes;
    private int tinyFragments;
    private final Utf8 text = new Utf8();

    private int piece;
    private int pieceKey;
    private long pieceLeft;

    private int closeCode;
    private @Nullable Utf8 closeReason;
    private boolean ended;
    private @Nullable Violation violation;

    private int controls;
    private long controlsSinceNanos;

    /**
     * Makes a parser for a client that has just connected.
     *
     * @param maxTextBytes of one text message, all its fragments together
     * @param maxBinaryBytes of one binary message, likewise
     * @param answersPing asked at each ping whether it shall be answered; one that shall not is made a pong where it lies
     */
    FrameParser(long maxTextBytes, long maxBinaryBytes, LongSupplier nanoTime, BooleanSupplier answersPing) {
        this.maxTextBytes = maxTextBytes;
        this.maxBinaryBytes = maxBinaryBytes;
        this.nanoTime = nanoTime;
        this.answersPing = answersPing;
    }

    /** Returns whether the client has said its last: a close frame, or something it must not. Nothing is read after that. */
    boolean hasEnded() {
        return ended;
    }

    /** Returns what the client did wrong; null if nothing. */
    @Nullable
    Violation violation() {
        return violation;
    }

    /**
     * Reads from {@code from} on to the end of a frame, or of the buffer, whose position does not move; its order is big-endian.
     *
     * @return where the next frame begins, or the buffer ends; of no meaning if there is a violation
     */
    int read(ByteBuffer bytes, int from) {
        int limit = bytes.limit();
        int at = from;
        do {
            if (part == Part.PAYLOAD) {
                piece = at;
                pieceKey = Integer.rotateLeft(mask, 8 * (int) (payloadBytes & 3));
                pieceLeft = length - payloadBytes;
                at = payload(bytes, at, limit);
            } else {
                header(bytes, at++);
                piece = at;
            }
        } while (at < limit && !ended && part != Part.OPCODE);
        return at;
    }

    /** Returns whether no frame has begun that is not complete. */
    boolean isBetweenFrames() {
        return part == Part.OPCODE;
    }

    /** Returns whether no message has begun that is not complete. */
    boolean isBetweenMessages() {
        return message == 0;
    }

    /** Returns the opcode of the frame that was read last. */
    int opcode() {
        return opcode;
    }

    /** Returns the opcode of the message that began last. */
    int messageOpcode() {
        return messageOpcode;
    }

    /** Returns whether the frame that was read last is a ping, pong or close. */
    boolean isControl() {
        return opcode >= CLOSE;
    }

    /** Returns where the payload begins that the last call read; what it returned is where that ends. */
    int piece() {
        return piece;
    }

    /** Returns the mask of the payload that the last call read, its first byte first. */
    int pieceKey() {
        return pieceKey;
    }

    /** Returns how many bytes of the frame were to come before the last call read some of them. */
    long pieceLeft() {
        return pieceLeft;
    }

    private void header(ByteBuffer bytes, int at) {
        int b = bytes.get(at) & 0xFF;
        switch (part) {
            case OPCODE -> {
                opcode(b);
                if (!ended && opcode == PING && !answersPing.getAsBoolean()) {
                    opcode = PONG;
                    bytes.put(at, (byte) (FINAL | PONG));
                }
            }
            case SHORT_LENGTH -> shortLength(b);
            case LENGTH -> longLength(b);
            case MASK -> {
                mask = (mask << 8) | b;
                if (--partBytes == 0) {
                    payloadBytes = 0;
                    part = Part.PAYLOAD;
                    if (length == 0) {
                        endFrame();
                    }
                }
            }
            case PAYLOAD -> throw new IllegalStateException("a payload is no header");
        }
    }

    private void opcode(int b) {
        isFinal = (b & FINAL) != 0;
        opcode = b & 0x0F;
        part = Part.SHORT_LENGTH;
        if ((b & RESERVED) != 0) {
            fail(Violation.RESERVED_BITS);
        } else if (opcode >= CLOSE) {
            control();
        } else if (opcode > BINARY) {
            fail(Violation.RESERVED_OPCODE);
        } else if (opcode == CONTINUATION) {
            if (message == 0) {
                fail(Violation.CONTINUATION_OF_NOTHING);
            }
        } else if (message != 0) {
            fail(Violation.MESSAGE_IN_MESSAGE);
        } else {
            message = opcode;
            messageOpcode = opcode;
            messageBytes = 0;
            tinyFragments = 0;
        }
    }

    private void control() {
        if (opcode > PONG) {
            fail(Violation.RESERVED_OPCODE);
        } else if (!isFinal) {
            fail(Violation.FRAGMENTED_CONTROL);
        } else if (opcode != CLOSE) {
            long now = nanoTime.getAsLong();
            if (controls == 0 || now - controlsSinceNanos >= NANOS_PER_SECOND) {
                controlsSinceNanos = now;
                controls = 0;
            }
            if (++controls > MAX_CONTROLS_PER_SECOND) {
                fail(Violation.CONTROL_FLOOD);
            }
        }
    }

    private void shortLength(int b) {
        int n = b & ~MASKED;
        length = 0;
        if ((b & MASKED) == 0) {
            fail(Violation.UNMASKED);
        } else if (opcode >= CLOSE && n > MAX_CONTROL_BYTES) {
            fail(Violation.LONG_CONTROL);
        } else if (opcode == CLOSE && n == 1) {
            fail(Violation.HALF_A_CLOSE_CODE);
        } else if (n < LENGTH_IN_2_BYTES) {
            length = n;
            announced();
        } else {
            lengthBytes = n == LENGTH_IN_2_BYTES ? 2 : 8;
            partBytes = lengthBytes;
            part = Part.LENGTH;
        }
    }

    private void longLength(int b) {
        if (partBytes == 8 && b >= 0x80) {
            fail(Violation.IMPOSSIBLE_LENGTH);
            return;
        }
        length = (length << 8) | b;
        if (--partBytes == 0) {
            if (length < (lengthBytes == 2 ? LENGTH_IN_2_BYTES : 1 << 16)) {
                fail(Violation.LONGER_LENGTH_THAN_NEEDED);
            } else {
                announced();
            }
        }
    }

    /** The length of a frame is known. */
    private void announced() {
        part = Part.MASK;
        partBytes = 4;
        if (opcode >= CLOSE) {
            return;
        }
        if (length > (message == TEXT ? maxTextBytes : maxBinaryBytes) - messageBytes) {
            fail(Violation.TOO_LARGE);
        } else if (length < TINY_FRAGMENT_BYTES
                && (opcode == CONTINUATION || !isFinal)
                && ++tinyFragments > MAX_TINY_FRAGMENTS) {
            fail(Violation.FRAGMENT_FLOOD);
        }
        messageBytes += length;
    }

    /** Reads what there is of a payload; returns where it goes on. */
    private int payload(ByteBuffer bytes, int at, int limit) {
        int end = (int) Math.min(limit, at + length - payloadBytes);
        if (opcode == CLOSE) {
            close(bytes, at, end);
        } else if (opcode < CLOSE && message == TEXT && !isText(bytes, at, end)) {
            fail(Violation.NOT_UTF8);
        }
        payloadBytes += end - at;
        if (payloadBytes == length && !ended) {
            endFrame();
        }
        return end;
    }

    private boolean isText(ByteBuffer bytes, int at, int end) {
        int key = Integer.rotateLeft(mask, 8 * (int) (payloadBytes & 3));
        int i = at;
        while (i < end) {
            if (text.isWhole()) {
                long keys = Integer.toUnsignedLong(Integer.rotateLeft(key, 8 * ((i - at) & 3)));
                keys |= keys << 32;
                while (i + 8 <= end && ((bytes.getLong(i) ^ keys) & HIGH_BITS) == 0) {
                    i += 8;
                }
            }
            for (int stop = Math.min(end, i + 8); i < stop; i++) {
                if (!text.accept((bytes.get(i) ^ (key >>> (24 - 8 * ((i - at) & 3)))) & 0xFF)) {
                    return false;
                }
            }
        }
        return true;
    }

    private void close(ByteBuffer bytes, int at, int end) {
        int key = Integer.rotateLeft(mask, 8 * (int) (payloadBytes & 3));
        for (int i = at; i < end && !ended; i++) {
            int b = (bytes.get(i) ^ (key >>> (24 - 8 * ((i - at) & 3)))) & 0xFF;
            long index = payloadBytes + (i - at);
            if (index == 0) {
                closeCode = b << 8;
            } else if (index == 1) {
                closeCode |= b;
                closeReason = new Utf8();
                if (!mayBeSent(closeCode)) {
                    fail(Violation.BAD_CLOSE_CODE);
                }
            } else if (closeReason != null && !closeReason.accept(b)) {
                fail(Violation.BAD_CLOSE_REASON);
            }
        }
    }

    /** RFC 6455 section 7.4 and the IANA registry that it founded: 1012 to 1014 came later, 1004 to 1006 and 1015 are no codes. */
    private static boolean mayBeSent(int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }

    private void endFrame() {
        part = Part.OPCODE;
        if (opcode == CLOSE) {
            if (closeReason != null && !closeReason.isWhole()) {
                fail(Violation.BAD_CLOSE_REASON);
            }
            ended = true;
        } else if (opcode < CLOSE && isFinal) {
            if (message == TEXT && !text.isWhole()) {
                fail(Violation.NOT_UTF8);
            }
            message = 0;
        }
    }

    private void fail(Violation by) {
        violation = by;
        ended = true;
    }
}
