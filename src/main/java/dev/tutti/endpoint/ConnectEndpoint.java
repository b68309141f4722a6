package dev.tutti.endpoint;

import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import java.nio.ByteBuffer;

/**
 * Applications connect here, and speak {@code tutti.v1}: many rooms on one connection, with presence, history and recovery. A container
 * makes one for each session and calls it from one thread at a time.
 */
@ServerEndpoint(
        value = "/connect",
        subprotocols = TuttiV1.NAME,
        decoders = RequestDecoder.class,
        configurator = RemoteAddress.class)
public class ConnectEndpoint {
    // A session opens before anything else happens to it.
    @SuppressWarnings("NullAway.Init")
    private Client client;

    @SuppressWarnings("NullAway.Init")
    private Conversation conversation;

    /** Registers the session and greets it. */
    @OnOpen
    public void open(Session session) {
        client = SessionRegistry.open(session, TuttiV1.PROTOCOL);
        if (TuttiV1.NAME.equals(session.getNegotiatedSubprotocol())) {
            conversation = new Conversation(client, SessionRegistry.hub().limits());
        } else {
            client.close(CloseCode.POLICY, "the subprotocol " + TuttiV1.NAME + " is needed here");
        }
    }

    /** Carries out a request. */
    @OnMessage
    public void message(Request request) {
        conversation.hear(request);
    }

    /** Refuses a binary message. */
    @OnMessage
    public void message(ByteBuffer message) {
        client.close(CloseCode.NOT_ACCEPTABLE, "text is expected here, not a binary message");
    }

    /** Hears that the peer is alive. */
    @OnMessage
    public void pong(PongMessage pong) {
        client.recordActivity();
    }

    /** Forgets the session. */
    @OnClose
    public void close(Session session) {
        SessionRegistry.close(session);
    }

    /** Closes the session if we failed; forgives a peer that went away. */
    @OnError
    public void error(Session session, Throwable error) {
        Failures.handle(session, error);
    }
}
