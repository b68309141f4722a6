package dev.tutti.standalone.guard;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Cuts the bytes of one client into whole messages and control frames. Frames that a read holds whole pass as they lie; the others are
 * gathered, fragments together, and pass as one frame without a mask. Confined to the thread that reads the connection.
 */
final class MessageAssembler {
    private static final int FINAL = 0x80;
    private static final int MAX_CONTROL_BYTES = 125;

    private final FrameParser parser;
    private final UnfinishedMessage message;

    /** The frame of a control message that is not complete, from its first byte on. */
    private byte[] control = NOTHING;

    private int controlBytes;

    private static final byte[] NOTHING = {};

    MessageAssembler(FrameParser parser, UnfinishedMessage message) {
        this.parser = parser;
        this.message = message;
    }

    /**
     * Reads a buffer to its end, or to the last frame of the client; its position does not move.
     *
     * @param whole takes the frames that may pass, in their order; the buffer itself, if all of it may
     * @return false if the client was closed, because there is no memory for the rest or it took too long
     */
    boolean read(ByteBuffer bytes, List<ByteBuffer> whole) {
        int end = bytes.limit();
        int runStart = bytes.position();
        int runEnd = runStart;
        int at = runStart;
        boolean fits = true;
        while (at < end && fits && !parser.hasEnded()) {
            boolean isFresh = parser.isBetweenFrames();
            int frame = at;
            at = parser.read(bytes, frame);
            boolean isWhole = parser.isBetweenFrames();
            if (parser.violation() != null) {
                break;
            }
            if (isFresh && isWhole && mayPass()) {
                if (runEnd != frame) {
                    addRun(bytes, runStart, runEnd, whole);
                    runStart = frame;
                }
                runEnd = at;
            } else if (parser.isControl()) {
                keepControl(bytes, at);
                if (isWhole) {
                    addRun(bytes, runStart, runEnd, whole);
                    runStart = runEnd = at;
                    whole.add(takeControl());
                }
            } else {
                fits = message.append(bytes, parser.piece(), at, parser.pieceKey(), parser.pieceLeft());
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

    /** Returns whether the frame that was read last is no part of a larger message. */
    private boolean mayPass() {
        return parser.isControl() || (parser.opcode() != 0 && parser.isBetweenMessages());
    }

    private static void addRun(ByteBuffer bytes, int from, int to, List<ByteBuffer> whole) {
        if (from == bytes.position() && to == bytes.limit()) {
            whole.add(bytes);
        } else if (from < to) {
            whole.add(bytes.duplicate().position(from).limit(to));
        }
    }

    private void keepControl(ByteBuffer bytes, int to) {
        if (controlBytes == 0) {
            control = new byte[2 + MAX_CONTROL_BYTES];
            controlBytes = 2;
        }
        for (int i = parser.piece(); i < to; i++) {
            control[controlBytes++] =
                    (byte) (bytes.get(i) ^ (parser.pieceKey() >>> (24 - 8 * ((i - parser.piece()) & 3))));
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
