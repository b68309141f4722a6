package dev.tutti.protocol.ysync;

import dev.tutti.document.DocumentProtocol;
import dev.tutti.hub.Frame;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The frames that y-websocket and Hocuspocus share: the sync and awareness messages of y-protocols, one a frame, each behind the same
 * address. Immutable; instances of one class with equal addresses are equal.
 *
 * <p>Source: the package {@code y-protocols} (sync.js, awareness.js).
 */
public abstract class YSyncProtocol implements DocumentProtocol {
    /** The first bytes of each frame. */
    private final byte[] address;

    /** Makes a protocol whose frames all begin with {@code address} as a varString, or with nothing if it is empty. */
    protected YSyncProtocol(String address) {
        Lib0Writer out = new Lib0Writer();
        if (!address.isEmpty()) {
            out.writeVarString(address);
        }
        this.address = out.toByteArray();
    }

    /** Returns the frame that asks the client for the difference that the server lacks. */
    protected final Frame syncStep1(byte[] stateVector) {
        return sync(MessageType.SYNC_STEP_1, stateVector);
    }

    @Override
    public final Frame syncReply(byte[] update) {
        return sync(MessageType.SYNC_STEP_2, update);
    }

    @Override
    public final Frame update(byte[] update) {
        return sync(MessageType.SYNC_UPDATE, update);
    }

    @Override
    public final Frame awareness(byte[] update) {
        Lib0Writer out = begin(MessageType.AWARENESS);
        out.writeVarBytes(update);
        return frame(out);
    }

    @Override
    public final Frame awarenessQuery() {
        return frame(begin(MessageType.AWARENESS_QUERY));
    }

    @Override
    public final Frame confirmation(byte[] mark) {
        Lib0Writer out = begin(MessageType.CONFIRM);
        out.writeVarBytes(mark);
        return frame(out);
    }

    /** Copies the payload, which may be large, only once. */
    private Frame sync(int step, byte[] payload) {
        Lib0Writer out = begin(MessageType.SYNC);
        out.writeVarUint(step);
        out.writeVarUint(payload.length);
        byte[] frame = Arrays.copyOf(out.toByteArray(), out.size() + payload.length);
        System.arraycopy(payload, 0, frame, out.size(), payload.length);
        return Frame.binary(frame);
    }

    /** Returns a writer with the address and a message type. */
    protected final Lib0Writer begin(int type) {
        Lib0Writer out = new Lib0Writer();
        out.write(address);
        out.writeVarUint(type);
        return out;
    }

    /** Returns the frame that holds the bytes written. */
    protected static Frame frame(Lib0Writer out) {
        return Frame.binary(out.toByteArray());
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof YSyncProtocol protocol
                && getClass() == protocol.getClass()
                && Arrays.equals(address, protocol.address);
    }

    @Override
    public final int hashCode() {
        return Arrays.hashCode(address);
    }
}
