package dev.tutti.endpoint;

import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.Publication;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import java.nio.ByteBuffer;

/**
 * Everybody connects here, and what one sends as a JSON string reaches everyone, the sender included, in one order. Stateless; a
 * container makes one for each session.
 */
@ServerEndpoint(value = "/ws", decoders = MessageDecoder.class, encoders = MessageEncoder.class)
public class BroadcastEndpoint {
    private static final MessageEncoder ENCODER = new MessageEncoder();

    /** Registers the session; it hears all that is said from here on. */
    @OnOpen
    public void open(Session session) {
        SessionRegistry.open(session, Protocol.PLAIN).join(Hub.EVERYBODY);
    }

    /** Rebroadcasts a message, encoded once for all. */
    @OnMessage
    public void message(Message message, Session session) {
        Client client = SessionRegistry.find(session);
        if (client != null) {
            client.publish(Hub.EVERYBODY, new Publication(ENCODER.encode(message)));
        }
    }

    /** Refuses a binary message. */
    @OnMessage
    public void message(ByteBuffer message, Session session) {
        Failures.close(session, CloseCode.NOT_ACCEPTABLE, "text is expected here, not a binary message");
    }

    /** Forgets the session. */
    @OnClose
    public void close(Session session) {
        SessionRegistry.close(session);
    }

    /** Closes the session if it sent what it must not, or if we failed; forgives a peer that went away. */
    @OnError
    public void error(Session session, Throwable error) {
        Failures.handle(session, error);
    }
}
