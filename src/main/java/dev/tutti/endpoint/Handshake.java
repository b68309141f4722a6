package dev.tutti.endpoint;

import dev.tutti.security.Identity;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.security.Principal;
import java.util.List;
import java.util.UUID;

/**
 * A peer, as its handshake identifies it. Immutable.
 *
 * @param address the {@link dev.tutti.security.AddressKey} of the peer; empty if no {@link HandshakeFilter} knows it, as on the standalone server, whose guards count addresses
 * @param identity of the container's authenticated user; else of the guest that the query parameter {@code guest} names; else anonymous
 */
record Handshake(String address, Identity identity) {
    private static final String PROPERTY = "dev.tutti.handshake";

    private static final Handshake UNKNOWN = new Handshake("", Identity.ANONYMOUS);

    /** Returns the handshake of a session; an anonymous one if none was captured. */
    static Handshake of(Session session) {
        return session.getUserProperties().get(PROPERTY) instanceof Handshake handshake ? handshake : UNKNOWN;
    }

    /**
     * Captures the handshake for its session: the callbacks of a session see neither the request nor, on some containers, its user. A
     * container gives each handshake user properties of its own. Stateless.
     */
    public static final class Configurator extends ServerEndpointConfig.Configurator {
        /** The header by which the filter passes the address; random for each process, so that no peer can send it. */
        static final String ADDRESS_HEADER = "Tutti-Address-" + UUID.randomUUID();

        @Override
        public void modifyHandshake(ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
            List<String> addresses = request.getHeaders().getOrDefault(ADDRESS_HEADER, List.of());
            String address = addresses.isEmpty() ? "" : addresses.get(0);
            config.getUserProperties().put(PROPERTY, new Handshake(address, identity(request)));
        }

        private static Identity identity(HandshakeRequest request) {
            Principal principal = request.getUserPrincipal();
            if (principal != null && principal.getName() != null) {
                return Identity.named(principal.getName());
            }
            List<String> secrets = request.getParameterMap().getOrDefault("guest", List.of());
            return secrets.size() == 1 ? Identity.guest(secrets.get(0)) : Identity.ANONYMOUS;
        }
    }
}
