package dev.tutti.endpoint;

import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.protocol.plain.Message;
import dev.tutti.protocol.plain.PlainProtocol;
import dev.tutti.protocol.plain.PlainSession;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import java.nio.ByteBuffer;

/**
 * The broadcast room: each JSON string that a client sends reaches all clients, the sender included, in one order. A container makes an
 * endpoint for each session and calls it from one thread at a time.
 */
@ServerEndpoint(
        value = "/ws",
        decoders = MessageDecoder.class,
        encoders = MessageEncoder.class,
        subprotocols = PlainProtocol.NAME,
        configurator = Handshake.Configurator.class)
public class BroadcastEndpoint {
    // A session opens before anything else happens to it.
    @SuppressWarnings("NullAway.Init")
    private Client client;

    @SuppressWarnings("NullAway.Init")
    private PlainSession plain;

    /** Registers the session and joins the broadcast room. */
    @OnOpen
    public void open(Session session) {
        client = SessionRegistry.open(session, PlainProtocol.INSTANCE);
        plain = PlainSession.joinBroadcast(client);
    }

    /** Broadcasts a message, encoded once for all members; a malformed one closes the connection. */
    @OnMessage
    public void message(Message message) {
        plain.receive(message);
    }

    /** Closes the connection: binary messages are none of this protocol. */
    @OnMessage
    public void message(ByteBuffer message) {
        client.close(CloseCode.NOT_ACCEPTABLE, "text is expected here, not a binary message");
    }

    /** Records that the peer has answered a ping. */
    @OnMessage
    public void pong(PongMessage pong) {
        client.pong(pong.getApplicationData());
    }

    /** Unregisters the session. */
    @OnClose
    public void close(Session session) {
        SessionRegistry.close(session);
    }

    /** Closes the session if the server failed; ignores that a peer disconnected. */
    @OnError
    public void error(Session session, Throwable error) {
        SessionErrors.handle(session, error);
    }
}
