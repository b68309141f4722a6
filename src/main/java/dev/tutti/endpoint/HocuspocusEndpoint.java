package dev.tutti.endpoint;

import dev.tutti.document.Documents;
import dev.tutti.hub.Client;
import jakarta.websocket.CloseReason;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;

/**
 * Yjs editors connect here with Hocuspocus's provider, with all their documents on one connection. A container makes one for each
 * session and calls it from one thread at a time.
 */
@ServerEndpoint(value = "/hocuspocus", configurator = Handshake.Configurator.class)
public class HocuspocusEndpoint {
    @SuppressWarnings("NullAway.Init") // a session opens before anything else happens to it
    private DocumentSession documents;

    /** Registers the session. */
    @OnOpen
    public void open(Session session) {
        Client client = SessionRegistry.open(session, Documents.PROTOCOL);
        boolean readOnly = DocumentSession.isReadOnly(session);
        documents = new DocumentSession(
                client, SessionRegistry.hocuspocus().open(client, SessionRegistry.access(session), readOnly));
    }

    /** Takes a message, which may come in parts. */
    @OnMessage
    public void message(byte[] part, boolean last) {
        documents.hear(part, last);
    }

    /** Refuses a text message. */
    @OnMessage
    public void message(String part, boolean last) {
        documents.refuseText();
    }

    /** Hears that the peer is alive. */
    @OnMessage
    public void pong(PongMessage pong) {
        documents.pong();
    }

    /** Forgets the session. */
    @OnClose
    public void close(Session session, CloseReason reason) {
        documents.close(session, reason);
    }

    /** Closes the session if we failed; forgives a peer that went away. */
    @OnError
    public void error(Session session, Throwable error) {
        Failures.handle(session, error);
    }
}
