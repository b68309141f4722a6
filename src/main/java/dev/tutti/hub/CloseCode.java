package dev.tutti.hub;

/**
 * The WebSocket close codes that this server sends, each with the reaction that the server expects of the client. Immutable.
 *
 * <p>Source: RFC 6455 section 7.4.1, the IANA registry that it defines, and 4000–4999 for the application.
 */
public enum CloseCode {
    /** The connection has served its purpose. Do not reconnect. */
    NORMAL(1000, false),
    /** The server stops or the application is undeployed. Reconnect, with jitter. */
    GOING_AWAY(1001, true),
    /** A frame broke the protocol. Do not reconnect: the client is faulty. */
    PROTOCOL_ERROR(1002, false),
    /** A binary message in a text protocol. Do not reconnect: the client is faulty. */
    NOT_ACCEPTABLE(1003, false),
    /** A payload that the protocol does not allow. Do not reconnect: the client is faulty. */
    MALFORMED(1007, false),
    /** A breach of a rule: too many messages, too many connections, an invalid room name. Do not reconnect at once. */
    POLICY(1008, false),
    /** A message over the size limit. Do not send it again. */
    TOO_LARGE(1009, false),
    /** A fault of the server. Reconnect, with jitter. */
    INTERNAL(1011, true),
    /** The server drains, because it restarts. Reconnect, with jitter: another server answers. */
    SERVICE_RESTART(1012, true),
    /** The client reads too slowly, or the server is overloaded. Reconnect later. */
    TRY_LATER(1013, true),
    /** {@link #MALFORMED} in Hocuspocus's protocol. Its provider reconnects and starts over. */
    RESET_CONNECTION(4205, true),
    /** Not, or no longer, authenticated. Get a new token, then reconnect. */
    UNAUTHENTICATED(4401, false),
    /** Not allowed. Do not reconnect. */
    FORBIDDEN(4403, false),
    /** The document was deleted, and the client has a copy of it. Do not reconnect with this copy. */
    DELETED(4404, false),
    /** Authenticated for no document in time, in Hocuspocus's protocol. Reconnect. */
    AUTHENTICATION_TIMEOUT(4408, true),
    /** Replaced by a newer connection. Do not reconnect. */
    REPLACED(4409, false);

    /** The longest reason in UTF-8 bytes: a control frame carries 125, two of them the code (RFC 6455 section 5.5). */
    public static final int MAX_REASON_BYTES = 123;

    private final int code;
    private final boolean reconnect;

    CloseCode(int code, boolean reconnect) {
        this.code = code;
        this.reconnect = reconnect;
    }

    /** Returns the number on the wire. */
    public int code() {
        return code;
    }

    /** Returns whether a client should reconnect by itself, without a change of anything. */
    public boolean reconnect() {
        return reconnect;
    }
}
