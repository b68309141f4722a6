package dev.tutti.endpoint;

import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.protocol.tuttiv1.Requests;
import dev.tutti.protocol.tuttiv1.TuttiV1;
import dev.tutti.protocol.tuttiv1.TuttiV1Session;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The connection of applications: {@code tutti.v1}, with many rooms, presence, history and recovery. A container makes an endpoint for each
 * session and calls it from one thread at a time.
 */
@ServerEndpoint(
        value = "/connect",
        subprotocols = TuttiV1.NAME,
        decoders = RequestDecoder.class,
        configurator = Handshake.Configurator.class)
public class ConnectEndpoint {
    // A session opens before anything else happens to it.
    @SuppressWarnings("NullAway.Init")
    private Client client;

    /** Null if the peer does not speak the subprotocol: its connection is being closed. */
    private @Nullable TuttiV1Session tutti;

    /** Registers the session and sends the welcome. */
    @OnOpen
    public void open(Session session) {
        client = SessionRegistry.open(session, TuttiV1.PROTOCOL);
        if (TuttiV1.NAME.equals(session.getNegotiatedSubprotocol())) {
            tutti = new TuttiV1Session(client, SessionRegistry.limits(), SessionRegistry.authenticator());
        } else {
            client.close(CloseCode.POLICY, "the subprotocol " + TuttiV1.NAME + " is needed here");
        }
    }

    /** Carries out the requests of a frame. */
    @OnMessage
    public void message(Requests requests) {
        if (tutti != null) {
            tutti.receive(requests);
        }
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
