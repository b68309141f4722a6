package dev.tutti.standalone.guard;

import static dev.tutti.standalone.guard.Opcode.*;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Checks the data frames of one client as fragments of messages: their order, the message's size, the number of tiny fragments, and the
 * UTF-8 of texts (RFC 6455 sections 5.4 and 5.6). Confined to one thread.
 */
public final class MessageCheck {
    /** A fragment below this size counts as tiny: its overhead exceeds its payload. */
    static final int TINY_FRAGMENT_BYTES = 64;

    /** Limit for the tiny fragments of one message. */
    public static final int MAX_TINY_FRAGMENTS = 1024;

    private final long maxTextBytes;
    private final long maxBinaryBytes;

    /** The opcode of the unfinished message; 0 between messages. */
    private int message;
    /** The opcode of the last message. */
    private int opcode;

    private long bytes;
    private int tinyFragments;
    private final Utf8Validator text = new Utf8Validator();

    MessageCheck(long maxTextBytes, long maxBinaryBytes) {
        this.maxTextBytes = maxTextBytes;
        this.maxBinaryBytes = maxBinaryBytes;
    }

    /** Returns whether there is no unfinished message. */
    boolean isBetweenMessages() {
        return message == 0;
    }

    /** Returns the opcode of the last message. */
    int opcode() {
        return opcode;
    }

    /** Begins a frame. Returns the violation; null if there is none. */
    @Nullable
    FrameViolation beginFrame(int frameOpcode) {
        if (frameOpcode > BINARY) {
            return FrameViolation.RESERVED_OPCODE;
        } else if (frameOpcode == CONTINUATION) {
            return message == 0 ? FrameViolation.UNEXPECTED_CONTINUATION : null;
        } else if (message != 0) {
            return FrameViolation.EXPECTED_CONTINUATION;
        }
        message = frameOpcode;
        opcode = frameOpcode;
        bytes = 0;
        tinyFragments = 0;
        return null;
    }

    /** Checks the announced length of the frame's payload. Returns the violation; null if there is none. */
    @Nullable
    FrameViolation announce(long length, boolean isFragment) {
        if (length > (message == TEXT ? maxTextBytes : maxBinaryBytes) - bytes) {
            return FrameViolation.MESSAGE_TOO_LARGE;
        }
        bytes += length;
        return isFragment && length < TINY_FRAGMENT_BYTES && ++tinyFragments > MAX_TINY_FRAGMENTS
                ? FrameViolation.FRAGMENT_FLOOD
                : null;
    }

    /**
     * Checks payload bytes from {@code from} to {@code to}. Returns the violation; null if there is none.
     *
     * @param mask its first byte belongs to the first of these bytes
     */
    @Nullable
    FrameViolation payload(ByteBuffer buffer, int from, int to, int mask) {
        return message == TEXT && !text.accept(buffer, from, to, mask) ? FrameViolation.INVALID_UTF8 : null;
    }

    /** Ends the last frame of the message. Returns the violation; null if there is none. */
    @Nullable
    FrameViolation endMessage() {
        boolean isTruncated = message == TEXT && !text.isWhole();
        message = 0;
        return isTruncated ? FrameViolation.INVALID_UTF8 : null;
    }
}
