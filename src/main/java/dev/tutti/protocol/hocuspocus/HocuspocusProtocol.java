package dev.tutti.protocol.hocuspocus;

import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.protocol.ysync.YSyncProtocol;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.Lib0Writer;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.List;

/**
 * The frames of Hocuspocus's provider, versions 2 to 4: each begins with the client's key of the document. The client sends sync step 1, and
 * the server replies with step 2 and its own step 1. The server acknowledges each update with a status once it is stored. Immutable.
 *
 * <p>Source: the packages {@code @hocuspocus/provider} and {@code @hocuspocus/server}, message types 0 to 10.
 */
final class HocuspocusProtocol extends YSyncProtocol {
    static final int AUTH = 2;
    static final int STATELESS = 5;
    static final int CLOSE = 7;
    static final int PONG = 10;

    /** The kind of authentication message that a client sends: {@code 2 0 varString(token)}. */
    private static final int AUTH_TOKEN = 0;

    private static final int SYNC_STATUS = 8;
    private static final int AUTH_PERMISSION_DENIED = 1;
    private static final int AUTH_AUTHENTICATED = 2;

    /** @param key the client's name for the document: the document's name, optionally followed by a zero and a session id */
    HocuspocusProtocol(String key) {
        super(key);
    }

    /** Returns the name of the document in a client's key. */
    static String documentName(String key) {
        int zero = key.indexOf(0);
        return zero < 0 ? key : key.substring(0, zero);
    }

    /** Returns the token of an authentication message, after its type. */
    static String readToken(Lib0Reader in) throws MalformedUpdateException {
        if (in.readVarUint() != AUTH_TOKEN) {
            throw new MalformedUpdateException("not an authentication that a client may send");
        }
        return in.readVarString();
    }

    @Override
    public List<Frame> greeting(byte[] stateVector) {
        return List.of();
    }

    @Override
    public List<Frame> afterSyncReply(byte[] stateVector) {
        return List.of(syncStep1(stateVector));
    }

    @Override
    public Frame stored(byte[] update) {
        return status(true);
    }

    @Override
    public boolean updateIsAcknowledgement() {
        return false;
    }

    @Override
    public Frame ignored(boolean isKnown) {
        return status(isKnown);
    }

    @Override
    public CloseCode malformed() {
        return CloseCode.RESET_CONNECTION;
    }

    @Override
    public Frame granted(boolean readOnly) {
        Lib0Writer out = begin(AUTH);
        out.writeVarUint(AUTH_AUTHENTICATED);
        out.writeVarString(readOnly ? "readonly" : "read-write");
        return frame(out);
    }

    @Override
    public Frame denied(String reason) {
        Lib0Writer out = begin(AUTH);
        out.writeVarUint(AUTH_PERMISSION_DENIED);
        out.writeVarString(reason);
        return frame(out);
    }

    /** Asks the client for a new token: {@code 2 0}, the same type in the other direction. */
    Frame tokenRequest() {
        Lib0Writer out = begin(AUTH);
        out.writeVarUint(AUTH_TOKEN);
        return frame(out);
    }

    private Frame status(boolean isStored) {
        Lib0Writer out = begin(SYNC_STATUS);
        out.writeVarUint(isStored ? 1 : 0);
        return frame(out);
    }
}
