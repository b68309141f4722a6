package dev.tutti.standalone.guard;

import static dev.tutti.standalone.guard.Opcode.*;

import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Checks the frames of one client as their bytes arrive, without a copy (RFC 6455 section 5, no extensions). It finds a violation at the
 * first byte that proves it: a large message at its announced length, malformed UTF-8 inside an unfinished frame. Confined to one thread.
 */
final class FrameParser {
    private static final int MASKED = 0x80;
    private static final int LENGTH_IN_2_BYTES = 126;

    private enum Part {
        OPCODE,
        SHORT_LENGTH,
        LENGTH,
        MASK,
        PAYLOAD
    }

    private final BooleanSupplier tryReservePong;

    private Part part = Part.OPCODE;
    private boolean isFinal;
    private int opcode;
    /** Bytes missing of the current part of the header. */
    private int partBytes;

    private int lengthBytes;
    private long length;
    private int mask;
    /** Bytes received of the current payload. */
    private long payloadBytes;

    private final MessageCheck message;
    private final ControlRate controlRate;

    private int piece;
    private int pieceMask;
    private long pieceLeft;

    /** The payload of the close frame; null before it. */
    private @Nullable ClosePayload closePayload;

    private boolean ended;
    private @Nullable FrameViolation violation;

    /**
     * Makes a parser for a new connection.
     *
     * @param maxTextBytes limit for one text message, all fragments together
     * @param maxBinaryBytes limit for one binary message, all fragments together
     * @param tryReservePong called for each ping; if it returns false, the parser overwrites the ping with a pong, which needs no answer
     */
    FrameParser(long maxTextBytes, long maxBinaryBytes, LongSupplier nanoTime, BooleanSupplier tryReservePong) {
        this.message = new MessageCheck(maxTextBytes, maxBinaryBytes);
        this.controlRate = new ControlRate(nanoTime);
        this.tryReservePong = tryReservePong;
    }

    /** Returns whether the input has ended, with a close frame or a violation. The parser reads nothing after that. */
    boolean hasEnded() {
        return ended;
    }

    /** Returns the violation that ended the input; null if there is none. */
    @Nullable
    FrameViolation violation() {
        return violation;
    }

    /**
     * Reads from an index to the end of the frame, or of the buffer. The buffer's order is big-endian; its position does not move.
     *
     * @return the index after the last byte read; undefined after a violation
     */
    int read(ByteBuffer bytes, int from) {
        int limit = bytes.limit();
        int at = from;
        do {
            if (part == Part.PAYLOAD) {
                piece = at;
                pieceMask = maskAt(payloadBytes);
                pieceLeft = length - payloadBytes;
                at = payload(bytes, at, limit);
            } else {
                header(bytes, at++);
                piece = at;
            }
        } while (at < limit && !ended && part != Part.OPCODE);
        return at;
    }

    /** Returns whether there is no unfinished frame. */
    boolean isBetweenFrames() {
        return part == Part.OPCODE;
    }

    /** Returns whether there is no unfinished message. */
    boolean isBetweenMessages() {
        return message.isBetweenMessages();
    }

    /** Returns the opcode of the last frame. */
    int opcode() {
        return opcode;
    }

    /** Returns the opcode of the last message. */
    int messageOpcode() {
        return message.opcode();
    }

    /** Returns whether the last frame is a ping, pong or close. */
    boolean isControl() {
        return opcode >= CLOSE;
    }

    /** Returns the start index of the payload bytes of the last read; they end at the index that {@link #read} returned. */
    int piece() {
        return piece;
    }

    /** Returns the mask for the payload bytes of the last read; its first byte belongs to the first of them. */
    int pieceMask() {
        return pieceMask;
    }

    /** Returns the payload bytes that the frame lacked before the last read. */
    long pieceLeft() {
        return pieceLeft;
    }

    private void header(ByteBuffer bytes, int at) {
        int b = bytes.get(at) & 0xFF;
        switch (part) {
            case OPCODE -> {
                opcode(b);
                if (!ended && opcode == PING && !tryReservePong.getAsBoolean()) {
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
            case PAYLOAD -> throw new IllegalStateException("a payload is not a header");
        }
    }

    private void opcode(int b) {
        isFinal = (b & FINAL) != 0;
        opcode = b & 0x0F;
        part = Part.SHORT_LENGTH;
        if ((b & RESERVED) != 0) {
            fail(FrameViolation.RESERVED_BITS);
        } else if (opcode >= CLOSE) {
            control();
        } else {
            failIf(message.beginFrame(opcode));
        }
    }

    private void control() {
        if (opcode > PONG) {
            fail(FrameViolation.RESERVED_OPCODE);
        } else if (!isFinal) {
            fail(FrameViolation.FRAGMENTED_CONTROL);
        } else if (opcode == CLOSE) {
            closePayload = new ClosePayload();
        } else if (!controlRate.tryAcquire()) {
            fail(FrameViolation.CONTROL_FLOOD);
        }
    }

    private void shortLength(int b) {
        int n = b & ~MASKED;
        length = 0;
        if ((b & MASKED) == 0) {
            fail(FrameViolation.UNMASKED);
        } else if (opcode >= CLOSE && n > MAX_CONTROL_BYTES) {
            fail(FrameViolation.OVERSIZED_CONTROL);
        } else if (opcode == CLOSE && n == 1) {
            fail(FrameViolation.TRUNCATED_CLOSE_CODE);
        } else if (n < LENGTH_IN_2_BYTES) {
            length = n;
            checkLength();
        } else {
            lengthBytes = n == LENGTH_IN_2_BYTES ? 2 : 8;
            partBytes = lengthBytes;
            part = Part.LENGTH;
        }
    }

    private void longLength(int b) {
        if (partBytes == 8 && b >= 0x80) {
            fail(FrameViolation.LENGTH_OVER_63_BITS);
            return;
        }
        length = (length << 8) | b;
        if (--partBytes == 0) {
            if (length < (lengthBytes == 2 ? LENGTH_IN_2_BYTES : 1 << 16)) {
                fail(FrameViolation.NON_MINIMAL_LENGTH);
            } else {
                checkLength();
            }
        }
    }

    /** Checks the announced length of a frame against the limits. */
    private void checkLength() {
        part = Part.MASK;
        partBytes = 4;
        if (opcode < CLOSE) {
            failIf(message.announce(length, opcode == CONTINUATION || !isFinal));
        }
    }

    /** Reads the payload bytes of the buffer. Returns the index after them. */
    private int payload(ByteBuffer bytes, int at, int limit) {
        int end = (int) Math.min(limit, at + length - payloadBytes);
        if (closePayload != null) {
            close(closePayload, bytes, at, end);
        } else if (opcode < CLOSE) {
            failIf(message.payload(bytes, at, end, maskAt(payloadBytes)));
        }
        payloadBytes += end - at;
        if (payloadBytes == length && !ended) {
            endFrame();
        }
        return end;
    }

    private void close(ClosePayload payload, ByteBuffer bytes, int at, int end) {
        int keys = maskAt(payloadBytes);
        for (int i = at; i < end && !ended; i++) {
            failIf(payload.accept((bytes.get(i) ^ (keys >>> (24 - 8 * ((i - at) & 3)))) & 0xFF));
        }
    }

    /** Returns the mask rotated so that its first byte belongs to an index of the payload. */
    private int maskAt(long index) {
        return Integer.rotateLeft(mask, 8 * (int) (index & 3));
    }

    private void endFrame() {
        part = Part.OPCODE;
        if (closePayload != null) {
            failIf(closePayload.end());
            ended = true;
        } else if (opcode < CLOSE && isFinal) {
            failIf(message.endMessage());
        }
    }

    private void failIf(@Nullable FrameViolation found) {
        if (found != null) {
            fail(found);
        }
    }

    private void fail(FrameViolation found) {
        violation = found;
        ended = true;
    }
}
