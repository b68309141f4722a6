package dev.tutti.hub;

/** A limit that a client went over, with the close code and reason of a connection that is closed for it. Immutable. */
public enum LimitBreach {
    /** More messages than {@link Limits#maxMessagesPerSecond} and {@link Limits#maxMessageBurst} allow. */
    MESSAGE_RATE(CloseCode.POLICY, "too many messages a second"),
    /** More waits for a slow client than {@link Limits#maxQueuedBytes}. */
    CLIENT_QUEUE(CloseCode.TRY_LATER, "this client reads too slowly: too much waits for it"),
    /** One send took longer than {@link Limits#maxSendSeconds}. */
    SEND_TIME(CloseCode.TRY_LATER, "this client reads too slowly: a send took too long"),
    /** More waits in a room than {@link Limits#maxRoomQueuedBytes}. */
    ROOM_QUEUE(CloseCode.TRY_LATER, "this room is overloaded"),
    /** A share of the {@link Budget} is used up. */
    MEMORY(CloseCode.TRY_LATER, "the server has no memory left for this"),
    /** The stored histories of all rooms have as many bytes as they may have. */
    STORED_HISTORY(CloseCode.TRY_LATER, "the server stores no more: the histories of all rooms are too large"),
    /** A message took longer to arrive than its size allows. */
    MESSAGE_TIME(CloseCode.POLICY, "a message took too long to arrive"),
    /** More long messages arrive at once than a container can read without delays for other clients. */
    INPUT_RATE(CloseCode.TRY_LATER, "the server receives too much at once"),
    /** More messages wait in a {@link PausableInput} than it holds. */
    WAITING_INPUT(CloseCode.TRY_LATER, "this client sent too much while its rights were not known"),
    /** The document would exceed {@link Limits#maxDocumentBytes}, or too much of it waits for missing updates. */
    DOCUMENT_BYTES(CloseCode.TRY_LATER, "this document would become too large"),
    /** {@link Limits#maxConnections} are open. */
    CONNECTIONS(CloseCode.TRY_LATER, "too many connections"),
    /** {@link Limits#maxConnectionsPerAddress} are open. */
    CONNECTIONS_PER_ADDRESS(CloseCode.POLICY, "too many connections from this address"),
    /** The user has {@link Limits#maxConnectionsPerUser}. */
    CONNECTIONS_PER_USER(CloseCode.POLICY, "too many connections of this user"),
    /** The user is in {@link Limits#maxRoomsPerUser}. */
    ROOMS_PER_USER(CloseCode.POLICY, "this user is in too many rooms"),
    /** The user has {@link Limits#maxDocumentsPerUser} open. */
    DOCUMENTS_PER_USER(CloseCode.POLICY, "this user has too many documents open"),
    /** More messages than {@link Limits#maxMessagesPerSecondPerUser} allows. */
    MESSAGE_RATE_PER_USER(CloseCode.POLICY, "too many messages a second of this user"),
    /** More bytes than {@link Limits#maxBytesPerSecondPerUser} allows. */
    INPUT_RATE_PER_USER(CloseCode.POLICY, "too many bytes a second of this user"),
    /** {@link Limits#maxClientsPerRoom} are in the room. */
    CLIENTS_PER_ROOM(CloseCode.TRY_LATER, "this room is full"),
    /** {@link Limits#maxRooms} exist. */
    ROOMS(CloseCode.TRY_LATER, "too many rooms"),
    /** The client is in {@link Limits#maxRoomsPerClient} rooms. */
    ROOMS_PER_CLIENT(CloseCode.POLICY, "in too many rooms"),
    /** {@link Limits#maxDocuments} are stored, and the client would create another. */
    DOCUMENTS(CloseCode.TRY_LATER, "too many documents are stored"),
    /** More state than {@link Limits#maxStateBytes}. */
    STATE_BYTES(CloseCode.POLICY, "too much state"),
    /** Replies of {@link Limits#maxQueuedBytes} wait for the client. */
    REPLIES(CloseCode.TRY_LATER, "too many replies wait for this client"),
    /** The client sent too many faulty requests in a row. */
    BAD_REQUESTS(CloseCode.POLICY, "too many bad requests in a row"),
    /** The peer has not answered a ping within {@link Limits#pongSeconds}. */
    SILENCE(CloseCode.GOING_AWAY, "no answer to a ping");

    private final CloseCode code;
    private final String reason;

    LimitBreach(CloseCode code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    /** Returns the close code. */
    public CloseCode code() {
        return code;
    }

    /** Returns the close reason, or the message of an error, for people. */
    public String reason() {
        return reason;
    }
}
