package dev.tutti.document;

import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.util.List;

/**
 * Hocuspocus's provider, versions 2 to 4: each frame begins with what the client calls the document. The client asks first and is asked
 * back, and for each of its updates hears a status once it is stored.
 *
 * <p>Source: the packages {@code @hocuspocus/provider} and {@code @hocuspocus/server}, message types 0 to 10.
 */
final class HocuspocusWire extends Wire {
    static final int AUTH = 2;
    static final int STATELESS = 5;
    static final int CLOSE = 7;
    static final int PONG = 10;

    /** What a client says first of a document: {@code 2 0 varString(token)}. */
    static final int TOKEN = 0;

    private static final int SYNC_STATUS = 8;
    private static final int PERMISSION_DENIED = 1;
    private static final int AUTHENTICATED = 2;

    /** @param key what the client calls the document: its name, and perhaps a session of the client's behind a zero */
    HocuspocusWire(String key) {
        super(key);
    }

    @Override
    List<Frame> greeting(byte[] stateVector) {
        return List.of();
    }

    @Override
    List<Frame> afterAnswer(byte[] stateVector) {
        return List.of(ask(stateVector));
    }

    @Override
    Frame stored(byte[] update) {
        return status(true);
    }

    @Override
    boolean confirmsByTelling() {
        return false;
    }

    @Override
    Frame ignored(boolean isKnown) {
        return status(isKnown);
    }

    @Override
    CloseCode malformed() {
        return CloseCode.RESET_CONNECTION;
    }

    /** Says that the client may have the document. */
    Frame authenticated(boolean readOnly) {
        Lib0Writer out = begin(AUTH);
        out.writeVarUint(AUTHENTICATED);
        out.writeVarString(readOnly ? "readonly" : "read-write");
        return end(out);
    }

    @Override
    Frame denied(String reason) {
        Lib0Writer out = begin(AUTH);
        out.writeVarUint(PERMISSION_DENIED);
        out.writeVarString(reason);
        return end(out);
    }

    private Frame status(boolean isStored) {
        Lib0Writer out = begin(SYNC_STATUS);
        out.writeVarUint(isStored ? 1 : 0);
        return end(out);
    }
}
