package dev.tutti.protocol.ywebsocket;

import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.protocol.ysync.YSyncProtocol;
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

    @Override
    public CloseCode malformed() {
        return CloseCode.MALFORMED;
    }
}
