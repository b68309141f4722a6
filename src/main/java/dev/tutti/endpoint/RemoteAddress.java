package dev.tutti.endpoint;

import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.List;
import java.util.UUID;

/**
 * Carries a peer's address from a servlet filter, which knows it, to its session, which does not: Jakarta WebSocket has no method
 * for it, and a header is all that an endpoint sees of a request. Stateless.
 */
public final class RemoteAddress extends ServerEndpointConfig.Configurator {
    /** The header that the filter adds; its name is made anew in each process, so that no peer can send it. */
    public static final String HEADER = "Tutti-Address-" + UUID.randomUUID();

    private static final String PROPERTY = "dev.tutti.address";

    /** Keeps the address for the session; a container gives each handshake user properties of its own. */
    @Override
    public void modifyHandshake(ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
        List<String> values = request.getHeaders().get(HEADER);
        if (values != null && !values.isEmpty()) {
            config.getUserProperties().put(PROPERTY, values.get(0));
        }
    }

    /** Returns the address of a session's peer, empty if no filter told it. */
    static String of(Session session) {
        return session.getUserProperties().get(PROPERTY) instanceof String address ? address : "";
    }
}
