package dev.tutti.protocol.hocuspocus;

import dev.tutti.document.Documents;
import dev.tutti.hub.Client;
import dev.tutti.hub.Faults;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.security.Access;
import dev.tutti.security.Authenticator;
import dev.tutti.security.UnauthenticatedException;
import java.lang.System.Logger;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes the connections of Hocuspocus's provider, and closes those that authenticate for no document in time. Safe for any thread; the
 * application calls {@link #tick} about once a second.
 */
public final class HocuspocusConnections {
    private static final Logger LOG = System.getLogger(HocuspocusConnections.class.getName());

    /** How long a connection may stay without any authentication. */
    private static final long AUTHENTICATION_NANOS = 30_000_000_000L;

    private final Documents documents;
    private final Limits limits;
    private final Authenticator authenticator;
    private final TimeSource time;
    private final Set<HocuspocusConnection> unauthenticated = ConcurrentHashMap.newKeySet();
    /** Connections that have sent a token. */
    private final Set<HocuspocusConnection> withTokens = ConcurrentHashMap.newKeySet();

    /** Makes connections to {@code documents}; has none yet. */
    public HocuspocusConnections(Documents documents, Limits limits, Authenticator authenticator, TimeSource time) {
        this.documents = documents;
        this.limits = limits;
        this.authenticator = authenticator;
        this.time = time;
    }

    /**
     * Serves a client, which names the documents that it opens.
     *
     * @param readOnly whether the client asks for documents that ignore its updates
     */
    public HocuspocusConnection open(Client client, boolean readOnly) {
        HocuspocusConnection connection =
                new HocuspocusConnection(this, client, readOnly, time.nanos() + AUTHENTICATION_NANOS);
        unauthenticated.add(connection);
        client.attach(connection);
        return connection;
    }

    /** A connection has authenticated or ended: no deadline applies any more. */
    void endDeadline(HocuspocusConnection connection) {
        unauthenticated.remove(connection);
    }

    /** A connection has sent a token: watch its end. */
    void watchTokens(HocuspocusConnection connection) {
        withTokens.add(connection);
    }

    /** A connection has ended. */
    void forget(HocuspocusConnection connection) {
        endDeadline(connection);
        withTokens.remove(connection);
    }

    /** Closes the connections whose time for authentication is over, and the documents whose tokens have ended. */
    public void tick() {
        long now = time.nanos();
        for (HocuspocusConnection connection : unauthenticated) {
            Faults.guard(LOG, "a connection without authentication cannot be closed", () -> connection.expire(now));
        }
        withTokens.removeIf(HocuspocusConnection::hasEnded); // one may have ended while it sent its token
        long nowMillis = time.millis();
        for (HocuspocusConnection connection : withTokens) {
            Faults.guard(LOG, "the tokens of a connection cannot be checked", () -> connection.tickTokens(nowMillis));
        }
    }

    Documents documents() {
        return documents;
    }

    /** Returns whether the server verifies tokens. */
    boolean acceptsTokens() {
        return authenticator.acceptsTokens();
    }

    /**
     * Returns the access that a client's token gives to a document: that of the client itself if it sends none, or the server verifies none.
     *
     * @throws UnauthenticatedException if the token does not pass, or the client needs one
     */
    Access access(Client client, String token) {
        Access own = client.access();
        if (!authenticator.acceptsTokens()) {
            return own;
        }
        if (token.isEmpty()) {
            if (own.identity().isUnidentified()) {
                throw UnauthenticatedException.needsToken("a token is needed: set the provider's option token");
            }
            return own;
        }
        return authenticator.ofToken(token, client.usage().addressKey());
    }

    Limits limits() {
        return limits;
    }
}
