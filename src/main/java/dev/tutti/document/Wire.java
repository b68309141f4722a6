package dev.tutti.document;

import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a client is told of a document: y-protocols' sync and awareness messages, one a frame, and what y-websocket and Hocuspocus's provider
 * have each of their own. Immutable; equal ones make equal frames, so what all are told is encoded once for each.
 */
abstract class Wire {
    static final int SYNC = 0;
    static final int AWARENESS = 1;
    static final int QUERY_AWARENESS = 3;
    static final int SYNC_REPLY = 4;
    static final int CONFIRM = 102;

    static final int STEP_1 = 0;
    static final int STEP_2 = 1;
    static final int UPDATE = 2;

    /** What each frame begins with. */
    private final byte[] address;

    /** Begins each frame with a name as a varString, or with nothing if it is empty. */
    Wire(String name) {
        Lib0Writer out = new Lib0Writer();
        if (!name.isEmpty()) {
            out.writeVarString(name);
        }
        this.address = out.toByteArray();
    }

    /** Returns what a client hears first, given how far the document goes. */
    abstract List<Frame> greeting(byte[] stateVector);

    /** Returns what follows the answer to what a client lacks, given how far the document goes. */
    abstract List<Frame> afterAnswer(byte[] stateVector);

    /** Says that an update of this client is stored, or was there before. */
    abstract Frame stored(byte[] update);

    /** Returns whether {@link #stored} says only the same as telling the update, so that those who are told it need no more. */
    abstract boolean confirmsByTelling();

    /**
     * Answers an update of a client that may only read; null to say nothing.
     *
     * @param isKnown whether nothing was new in it
     */
    abstract @Nullable Frame ignored(boolean isKnown);

    /** Says that the client may not have the document, which leaves its other documents; null if there is no way to say so. */
    abstract @Nullable Frame denied(String reason);

    /** Returns with which code a client is closed that says what it cannot. */
    abstract CloseCode malformed();

    /** Asks a client for what the server lacks. */
    final Frame ask(byte[] stateVector) {
        return sync(STEP_1, stateVector);
    }

    /** Answers what a client lacks. */
    final Frame lacking(byte[] update) {
        return sync(STEP_2, update);
    }

    /** Says what is new. */
    final Frame tell(byte[] update) {
        return sync(UPDATE, update);
    }

    /** Says who is there. */
    final Frame aware(byte[] update) {
        Lib0Writer out = begin(AWARENESS);
        out.writeVarBytes(update);
        return end(out);
    }

    /** Asks a client who it knows to be there, itself among them. */
    final Frame askAware() {
        return end(begin(QUERY_AWARENESS));
    }

    /** Sends back the mark of a {@link Message.Confirm}. */
    final Frame confirmed(byte[] mark) {
        Lib0Writer out = begin(CONFIRM);
        out.writeVarBytes(mark);
        return end(out);
    }

    /** Makes the frame with one copy of the payload, which may be large. */
    private Frame sync(int step, byte[] payload) {
        Lib0Writer out = begin(SYNC);
        out.writeVarUint(step);
        out.writeVarUint(payload.length);
        byte[] frame = Arrays.copyOf(out.toByteArray(), out.size() + payload.length);
        System.arraycopy(payload, 0, frame, out.size(), payload.length);
        return Frame.binary(frame);
    }

    final Lib0Writer begin(int kind) {
        Lib0Writer out = new Lib0Writer();
        out.write(address);
        out.writeVarUint(kind);
        return out;
    }

    static Frame end(Lib0Writer out) {
        return Frame.binary(out.toByteArray());
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof Wire wire && getClass() == wire.getClass() && Arrays.equals(address, wire.address);
    }

    @Override
    public final int hashCode() {
        return Arrays.hashCode(address);
    }
}
