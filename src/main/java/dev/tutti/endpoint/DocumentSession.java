package dev.tutti.endpoint;

import dev.tutti.document.DocumentMember;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.LimitBreach;
import dev.tutti.protocol.ysync.DocumentConnection;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A session of a document protocol: joins the parts of a message. It takes parts, because a container that delivers whole messages holds a
 * buffer of the largest size for each session. Confined to the thread that calls the session; {@link #close} may come on another.
 */
final class DocumentSession {
    /** The close codes of a client that closes on purpose; with any other, the connection broke. */
    private static final Set<Integer> CLEAN_CLOSES = Set.of(
            CloseCodes.NORMAL_CLOSURE.getCode(), CloseCodes.NO_STATUS_CODE.getCode(), CloseCodes.GOING_AWAY.getCode());

    /** The length of a message from which on its parts wait for the {@link InputPace}. */
    private static final int SHORT_BYTES = 32 << 10;

    private final Session session;
    private final Client client;
    private final String address;
    private final InputPace pace;
    private final InputAfterClose inputAfterClose;
    /** Bytes of one message; 0 for no limit. */
    private final int maxBytes;

    private final MessageParts parts;
    /** Null once the client has been closed: later messages are ignored. The session's thread changes it; {@link #close} reads it. */
    private volatile @Nullable DocumentConnection connection;

    /**
     * Makes the session of a connection that has just been opened.
     *
     * @param connection null if the client has just been closed
     */
    static DocumentSession open(Session session, Client client, @Nullable DocumentConnection connection) {
        DocumentSession opened = new DocumentSession(session, client, connection);
        if (TomcatTransport.serves(session)) {
            opened.replaceHandler();
        }
        return opened;
    }

    /**
     * Takes the place of the endpoint's annotated method, from which Tomcat does not let {@link InputAfterClose}'s exception through. On Tomcat
     * alone: WildFly drops messages that arrive before {@code @OnOpen} has added a handler.
     */
    private void replaceHandler() {
        for (MessageHandler handler : session.getMessageHandlers()) {
            if (handler.getClass().getSimpleName().contains("Binary")) {
                session.removeMessageHandler(handler);
                session.addMessageHandler(ByteBuffer.class, this::receive);
            }
        }
    }

    private DocumentSession(Session session, Client client, @Nullable DocumentConnection connection) {
        this.session = session;
        this.client = client;
        this.address = Handshake.of(session).address();
        this.pace = SessionRegistry.inputPace();
        this.inputAfterClose = new InputAfterClose(session, address, pace);
        this.maxBytes = SessionRegistry.limits().maxUpdateBytes();
        this.parts = new MessageParts(client.usage().quota());
        this.connection = connection;
    }

    /** Returns whether the client asks for a read-only document, by the query {@code access=read}. */
    static boolean asksReadOnly(Session session) {
        return session.getRequestParameterMap()
                .getOrDefault("access", List.of())
                .contains("read");
    }

    /**
     * Returns the incarnation of the client's copy, by the query {@code incarnation=}; {@link DocumentMember#NO_COPY} if that is absent or no number.
     */
    static long copied(Session session) {
        String text = session.getRequestParameterMap().getOrDefault("incarnation", List.of()).stream()
                .findFirst()
                .orElse("");
        try {
            return text.isEmpty() ? DocumentMember.NO_COPY : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return DocumentMember.NO_COPY;
        }
    }

    /**
     * Receives a part of a message; the last one completes it.
     *
     * @throws InputAfterClose.TooMuchException if the peer sends on after the session was closed
     */
    void receive(ByteBuffer part, boolean last) {
        DocumentConnection receiver = connection;
        if (receiver == null || !session.isOpen()) {
            parts.drop();
            inputAfterClose.ignore(part.remaining());
        } else if (maxBytes != 0 && parts.bytes() + part.remaining() > maxBytes) {
            ignoreRest();
            client.close(CloseCode.TOO_LARGE, "a message has at most " + maxBytes + " bytes");
        } else if (!last) {
            keep(part);
        } else {
            receiveLast(receiver, part);
        }
    }

    private void receiveLast(DocumentConnection receiver, ByteBuffer part) {
        LimitBreach breach = client.countMessage(parts.bytes() + part.remaining());
        if (breach == null) {
            receiver.receive(parts.join(part));
        } else {
            ignoreRest();
            client.closeFor(breach);
        }
    }

    /** Keeps a part until the message is complete; closes the client if there is no memory for it, or others send too much. */
    private void keep(ByteBuffer part) {
        int bytes = part.remaining();
        boolean isLong = parts.bytes() + bytes > SHORT_BYTES; // short messages use up the burst, but never wait
        if (!pace.tryNow(bytes) && isLong && !pace.await(address, bytes)) {
            ignoreRest();
            client.closeFor(LimitBreach.INPUT_RATE);
        } else if (!parts.tryAdd(part)) {
            ignoreRest();
            client.closeFor(LimitBreach.MEMORY);
        }
    }

    /** Ignores everything from here on. */
    private void ignoreRest() {
        connection = null;
        parts.drop();
    }

    /** Closes the connection: text messages are none of these protocols. */
    void receiveText() {
        client.close(CloseCode.NOT_ACCEPTABLE, "binary messages are expected here, not text");
    }

    /** Records that the peer has answered a ping. */
    void pong(PongMessage pong) {
        client.pong(pong.getApplicationData());
    }

    /** Unregisters the session. */
    void close(CloseReason reason) {
        DocumentConnection closing = connection;
        if (closing != null && CLEAN_CLOSES.contains(reason.getCloseCode().getCode())) {
            closing.closedCleanly();
        }
        parts.close();
        SessionRegistry.close(session);
    }
}
