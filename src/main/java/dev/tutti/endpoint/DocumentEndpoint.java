package dev.tutti.endpoint;

import dev.tutti.document.DocumentClients;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.RoomName;
import dev.tutti.protocol.ywebsocket.YWebsocketConnection;
import jakarta.websocket.CloseReason;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import java.nio.ByteBuffer;

/**
 * The connection of editors that use y-websocket's provider: one document each. A container makes an endpoint for each session and calls it
 * from one thread at a time.
 */
@ServerEndpoint(value = "/yjs/{document}", subprotocols = "yjs", configurator = Handshake.Configurator.class)
public class DocumentEndpoint {
    /** Null until the session is open; only {@link #close} may come before. */
    @SuppressWarnings("NullAway.Init")
    private volatile DocumentSession documents;

    /** Registers the session and opens the document. */
    @OnOpen
    public void open(Session session) {
        String name = LastPathSegment.of(session.getRequestURI());
        Client client = SessionRegistry.open(session, DocumentClients.Y_WEBSOCKET);
        if (!RoomName.isValid(name)) {
            documents = DocumentSession.open(session, client, null);
            client.close(CloseCode.POLICY, RoomName.NO_NAME);
        } else {
            documents = DocumentSession.open(
                    session,
                    client,
                    YWebsocketConnection.open(
                            SessionRegistry.documents(),
                            name,
                            client,
                            DocumentSession.asksReadOnly(session),
                            DocumentSession.copied(session)));
        }
    }

    /** Receives a part of a message. */
    @OnMessage
    public void message(byte[] part, boolean last) {
        documents.receive(ByteBuffer.wrap(part), last);
    }

    /** Closes the connection: text messages are none of this protocol. */
    @OnMessage
    public void message(String part, boolean last) {
        documents.receiveText();
    }

    /** Records that the peer is alive. */
    @OnMessage
    public void pong(PongMessage pong) {
        documents.pong(pong);
    }

    /** Unregisters the session. */
    @OnClose
    public void close(Session session, CloseReason reason) {
        DocumentSession opened = documents;
        if (opened == null) { // closed while it opens, by another thread
            SessionRegistry.close(session);
        } else {
            opened.close(reason);
        }
    }

    /** Closes the session if the server failed; ignores that a peer disconnected. */
    @OnError
    public void error(Session session, Throwable error) {
        SessionErrors.handle(session, error);
    }
}
