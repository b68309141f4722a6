package dev.tutti.standalone.guard;

import static dev.tutti.standalone.guard.Opcode.FINAL;
import static dev.tutti.standalone.guard.Opcode.MAX_CONTROL_BYTES;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Turns the bytes of one client into whole messages and control frames. A frame that one read holds completely passes without a copy;
 * split frames and fragments are collected and pass as one unmasked frame. Confined to the connection's selector thread.
 */
final class MessageAssembler {
    private final FrameParser parser;
    private final UnfinishedMessage message;

    /** An unfinished control frame, unmasked, with its header. */
    private byte[] control = NOTHING;

    private int controlBytes;

    private static final byte[] NOTHING = {};

    MessageAssembler(FrameParser parser, UnfinishedMessage message) {
        this.parser = parser;
        this.message = message;
    }

    /**
     * Reads a buffer to its end, or to the client's last frame. The buffer's position does not move.
     *
     * @param whole receives the complete frames in order; the buffer itself if it holds nothing else
     * @return false if the unfinished message was evicted
     */
    boolean read(ByteBuffer bytes, List<ByteBuffer> whole) {
        int end = bytes.limit();
        int runStart = bytes.position();
        int runEnd = runStart;
        int at = runStart;
        boolean fits = true;
        while (at < end && fits && !parser.hasEnded()) {
            boolean startsHere = parser.isBetweenFrames();
            int frame = at;
            at = parser.read(bytes, frame);
            boolean isWhole = parser.isBetweenFrames();
            if (parser.violation() != null) {
                break;
            }
            if (startsHere && isWhole && isStandalone()) {
                if (runEnd != frame) {
                    addRun(bytes, runStart, runEnd, whole);
                    runStart = frame;
                }
                runEnd = at;
            } else if (parser.isControl()) {
                appendControl(bytes, at);
                if (isWhole) {
                    addRun(bytes, runStart, runEnd, whole);
                    runStart = runEnd = at;
                    whole.add(takeControl());
                }
            } else {
                fits = message.append(bytes, parser.piece(), at, parser.pieceMask(), parser.pieceLeft());
                if (fits && isWhole && parser.isBetweenMessages()) {
                    addRun(bytes, runStart, runEnd, whole);
                    runStart = runEnd = at;
                    fits = message.take(FINAL | parser.messageOpcode(), whole);
                }
            }
        }
        addRun(bytes, runStart, runEnd, whole);
        return fits;
    }

    /** Returns whether the last frame is a control frame or a message of its own. */
    private boolean isStandalone() {
        return parser.isControl() || (parser.opcode() != 0 && parser.isBetweenMessages());
    }

    private static void addRun(ByteBuffer bytes, int from, int to, List<ByteBuffer> whole) {
        if (from == bytes.position() && to == bytes.limit()) {
            whole.add(bytes);
        } else if (from < to) {
            whole.add(bytes.duplicate().position(from).limit(to));
        }
    }

    private void appendControl(ByteBuffer bytes, int to) {
        if (controlBytes == 0) {
            control = new byte[2 + MAX_CONTROL_BYTES];
            controlBytes = 2;
        }
        for (int i = parser.piece(); i < to; i++) {
            control[controlBytes++] =
                    (byte) (bytes.get(i) ^ (parser.pieceMask() >>> (24 - 8 * ((i - parser.piece()) & 3))));
        }
    }

    private ByteBuffer takeControl() {
        control[0] = (byte) (FINAL | parser.opcode());
        control[1] = (byte) (controlBytes - 2);
        ByteBuffer frame = ByteBuffer.wrap(control, 0, controlBytes);
        control = NOTHING;
        controlBytes = 0;
        return frame;
    }
}
