package dev.tutti.endpoint;

import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.RoomName;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import java.nio.ByteBuffer;

/**
 * The same as {@link BroadcastEndpoint} for those who are in one room. A container makes one for each session and calls it from
 * one thread at a time.
 */
@ServerEndpoint(
        value = "/ws/{room}",
        decoders = MessageDecoder.class,
        encoders = MessageEncoder.class,
        configurator = RemoteAddress.class)
public class RoomEndpoint {
    private static final MessageEncoder ENCODER = new MessageEncoder();

    @SuppressWarnings("NullAway.Init") // a session opens before anything else happens to it
    private Client client;

    private String room = "";

    /** Registers the session; it hears all that is said in its room from here on. */
    @OnOpen
    public void open(Session session) {
        room = LastSegment.of(session.getRequestURI());
        client = SessionRegistry.open(session, Protocol.PLAIN);
        if (RoomName.isValid(room)) {
            client.join(room);
        } else {
            client.close(CloseCode.POLICY, RoomName.NO_NAME);
        }
    }

    /** Rebroadcasts a message in its room, encoded once for all; a malformed one closes its session. */
    @OnMessage
    public void message(Message message) {
        if (message instanceof Message.Text text) {
            client.publish(room, ENCODER.encode(text));
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
