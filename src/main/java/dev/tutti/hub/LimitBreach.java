package dev.tutti.hub;

/** Which limit a client went over: the code it is closed with, if it is, and the reason it is told. Immutable. */
public enum LimitBreach {
    /** More messages than {@link Limits#maxMessagesPerSecond} and {@link Limits#maxMessageBurst} allow. */
    MESSAGE_RATE(CloseCode.POLICY, "too many messages a second"),
    /** More waits for a slow client than {@link Limits#maxQueuedBytes}. */
    CLIENT_QUEUE(CloseCode.TRY_LATER, "too slow: too much was waiting for this client"),
    /** One send took longer than {@link Limits#maxSendSeconds}. */
    SEND_TIME(CloseCode.TRY_LATER, "too slow: a message was on its way for too long"),
    /** A room has more to send on than {@link Limits#maxRoomQueuedBytes}. */
    ROOM_QUEUE(CloseCode.TRY_LATER, "this room is overloaded"),
    /** The share of the {@link Budget} that this needs is used up. */
    MEMORY(CloseCode.TRY_LATER, "the server has no memory left for this"),
    /** A message took longer to arrive than messages of its size may. */
    MESSAGE_TIME(CloseCode.POLICY, "a message took too long to arrive"),
    /** The document would be larger than {@link Limits#maxDocumentBytes}, or too much of it waits for updates that have not come. */
    DOCUMENT_BYTES(CloseCode.TRY_LATER, "this document is as large as it may be"),
    /** {@link Limits#maxConnections} are open. */
    CONNECTIONS(CloseCode.TRY_LATER, "too many connections"),
    /** {@link Limits#maxConnectionsPerAddress} are open. */
    CONNECTIONS_PER_ADDRESS(CloseCode.POLICY, "too many connections from this address"),
    /** {@link Limits#maxClientsPerRoom} are in the room. */
    CLIENTS_PER_ROOM(CloseCode.TRY_LATER, "this room is full"),
    /** {@link Limits#maxRooms} exist. */
    ROOMS(CloseCode.TRY_LATER, "too many rooms"),
    /** The client is in {@link Limits#maxRoomsPerClient} rooms. */
    ROOMS_PER_CLIENT(CloseCode.POLICY, "in too many rooms"),
    /** {@link Limits#maxDocuments} are stored, and the client would begin one more. */
    DOCUMENTS(CloseCode.TRY_LATER, "too many documents are stored to begin another"),
    /** More state than {@link Limits#maxStateBytes}. */
    STATE_BYTES(CloseCode.POLICY, "too much state"),
    /** As much as {@link Limits#maxQueuedBytes} was asked for, and is still on its way. */
    ANSWERS(CloseCode.TRY_LATER, "too many answers are still on their way to this client"),
    /** Too many frames in a row that had to be refused. */
    BAD_FRAMES(CloseCode.POLICY, "too many bad frames in a row"),
    /** No answer to a ping within {@link Limits#pongSeconds}. */
    SILENCE(CloseCode.GOING_AWAY, "no sign of life");

    private final CloseCode code;
    private final String reason;

    LimitBreach(CloseCode code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    /** Returns what the client is closed with. */
    public CloseCode code() {
        return code;
    }

    /** Returns what the client is told. */
    public String reason() {
        return reason;
    }
}
