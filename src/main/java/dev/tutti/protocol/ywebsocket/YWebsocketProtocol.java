package dev.tutti.protocol.ywebsocket;

import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.protocol.ysync.MessageType;
import dev.tutti.protocol.ysync.YSyncProtocol;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The frames of y-websocket 1 to 4. The server sends sync step 1 first. It acknowledges an update by sending it back to its author once it is
 * stored. Immutable.
 */
final class YWebsocketProtocol extends YSyncProtocol {
    /** The only instance: no frame names the document. */
    static final YWebsocketProtocol INSTANCE = new YWebsocketProtocol();

    private YWebsocketProtocol() {
        super("");
    }

    @Override
    public @Nullable Frame granted(boolean readOnly) {
        return null;
    }

    @Override
    public List<Frame> greeting(byte[] stateVector) {
        return List.of(syncStep1(stateVector));
    }

    @Override
    public List<Frame> afterSyncReply(byte[] stateVector) {
        return List.of();
    }

    @Override
    public Frame stored(byte[] update) {
        return update(update);
    }

    @Override
    public boolean updateIsAcknowledgement() {
        return true;
    }

    @Override
    public @Nullable Frame ignored(boolean isKnown) {
        return null;
    }

    @Override
    public @Nullable Frame denied(String reason) {
        return null;
    }

    /** Returns the frame that precedes the close of a connection that may not open its document. */
    Frame permissionDenied(String reason) {
        Lib0Writer out = begin(MessageType.AUTH);
        out.writeVarUint(MessageType.AUTH_PERMISSION_DENIED);
        out.writeVarString(reason);
        return frame(out);
    }

    @Override
    public CloseCode malformed() {
        return CloseCode.MALFORMED;
    }
}
