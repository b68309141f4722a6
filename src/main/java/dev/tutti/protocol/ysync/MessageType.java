package dev.tutti.protocol.ysync;

/** The first number of a message, and the second of a sync message, as y-protocols and y-websocket define them. */
public final class MessageType {
    /** Sync: followed by a step and its payload. */
    public static final int SYNC = 0;

    /** An awareness update. */
    public static final int AWARENESS = 1;

    /** About authentication: followed by a kind, of which a server sends {@link #AUTH_PERMISSION_DENIED} and its reason. */
    public static final int AUTH = 2;

    /** A request for the awareness states that the receiver knows. */
    public static final int AWARENESS_QUERY = 3;

    /** Sync from a client of Hocuspocus; the server reads it as {@link #SYNC}. */
    public static final int SYNC_REPLY = 4;

    /** Tutti's own: a mark, which the server sends back when it has stored all earlier updates. */
    public static final int CONFIRM = 102;

    /** The kind of {@link #AUTH} that refuses a document. */
    public static final int AUTH_PERMISSION_DENIED = 0;

    static final int SYNC_STEP_1 = 0;
    static final int SYNC_STEP_2 = 1;
    static final int SYNC_UPDATE = 2;

    private MessageType() {}
}
