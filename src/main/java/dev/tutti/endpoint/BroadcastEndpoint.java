package dev.tutti.endpoint;

import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Protocol;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import java.nio.ByteBuffer;

/**
 * Everybody connects here, and what one sends as a JSON string reaches everyone, the sender included, in one order. A container
 * makes one for each session and calls it from one thread at a time.
 */
@ServerEndpoint(
        value = "/ws",
        decoders = MessageDecoder.class,
        encoders = MessageEncoder.class,
        configurator = RemoteAddress.class)
public class BroadcastEndpoint {
    private static final MessageEncoder ENCODER = new MessageEncoder();

    @SuppressWarnings("NullAway.Init") // a session opens before anything else happens to it
    private Client client;

    /** Registers the session; it hears all that is said from here on. */
    @OnOpen
    public void open(Session session) {
        client = SessionRegistry.open(session, Protocol.PLAIN);
        client.join(Hub.BROADCAST_ROOM);
    }

    /** Rebroadcasts a message, encoded once for all; a malformed one closes its session. */
    @OnMessage
    public void message(Message message) {
        if (message instanceof Message.Text text) {
            client.publish(Hub.BROADCAST_ROOM, ENCODER.encode(text));
        } else if (message instanceof Message.Malformed malformed) {
            client.close(malformed.code(), malformed.reason());
        }
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
