package dev.tutti.endpoint;

import dev.tutti.security.Identity;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A peer, as its handshake identifies it. Immutable.
 *
 * <p>The code ahead of the container's WebSocket knows the peer, a {@link HandshakeFilter} or the standalone server's guard; the callbacks of a
 * session see neither the request nor, on some containers, its user. All containers answer a handshake on the thread that passes it on, so
 * the handshake waits in a thread-local variable for the {@link Configurator}.
 *
 * @param address the {@link dev.tutti.security.AddressKey} of the peer; empty if others count addresses, as the standalone server's guards do
 * @param identity of the user; of nobody, who may do nothing, if nothing has let the peer in
 * @param login with which the connection ends
 */
public record Handshake(String address, Identity identity, Login login) {
    private static final String PROPERTY = "dev.tutti.handshake";

    private static final Handshake UNKNOWN = new Handshake("", Identity.ANONYMOUS);

    private static final ThreadLocal<@Nullable Handshake> CURRENT = new ThreadLocal<>();

    /** The paths of the protocols with a message that carries a token. */
    private static final Set<String> TOKEN_LATER = Set.of("/connect", "/hocuspocus");

    /** Makes the handshake of a peer whose login has no end of its own. */
    public Handshake(String address, Identity identity) {
        this(address, identity, Login.NONE);
    }

    /** Returns whether a peer may connect to a path, below the context path, before it sends a token. */
    public static boolean takesTokenLater(String path) {
        return TOKEN_LATER.contains(path);
    }

    /** Passes a handshake on. */
    public interface Next<T, E1 extends Exception, E2 extends Exception> {
        /** Calls the next part of the server, which may open a session. */
        T call() throws E1, E2;
    }

    /** Calls the next part of the server: a session that it opens on this thread has this handshake. */
    public <T, E1 extends Exception, E2 extends Exception> T during(Next<T, E1, E2> next) throws E1, E2 {
        CURRENT.set(this);
        try {
            return next.call();
        } finally {
            CURRENT.remove();
        }
    }

    /** Returns the handshake of a session; that of nobody if none was captured. */
    static Handshake of(Session session) {
        return session.getUserProperties().get(PROPERTY) instanceof Handshake handshake ? handshake : UNKNOWN;
    }

    /** Captures the handshake for its session. A container gives each handshake user properties of its own. Stateless. */
    public static final class Configurator extends ServerEndpointConfig.Configurator {
        @Override
        public void modifyHandshake(ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
            Handshake current = CURRENT.get();
            Handshake known = current == null ? UNKNOWN : current;
            List<String> secrets = request.getParameterMap().getOrDefault("guest", List.of());
            Identity identity = secrets.size() == 1 ? known.identity.withGuestSecret(secrets.get(0)) : known.identity;
            config.getUserProperties().put(PROPERTY, new Handshake(known.address, identity, known.login));
        }
    }
}
