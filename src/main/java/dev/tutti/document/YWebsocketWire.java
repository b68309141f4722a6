package dev.tutti.document;

import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * y-websocket 1 to 4: the connection is about one document. The server asks first, and an update comes back to its sender once it is
 * stored.
 */
final class YWebsocketWire extends Wire {
    static final Wire INSTANCE = new YWebsocketWire();

    private YWebsocketWire() {
        super("");
    }

    @Override
    List<Frame> greeting(byte[] stateVector) {
        return List.of(ask(stateVector));
    }

    @Override
    List<Frame> afterAnswer(byte[] stateVector) {
        return List.of();
    }

    @Override
    Frame stored(byte[] update) {
        return tell(update);
    }

    @Override
    boolean confirmsByTelling() {
        return true;
    }

    @Override
    @Nullable
    Frame ignored(boolean isKnown) {
        return null;
    }

    @Override
    @Nullable
    Frame denied(String reason) {
        return null;
    }

    @Override
    CloseCode malformed() {
        return CloseCode.MALFORMED;
    }
}
