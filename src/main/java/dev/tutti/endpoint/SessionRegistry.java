package dev.tutti.endpoint;

import dev.tutti.Tutti;
import dev.tutti.hub.Client;
import dev.tutti.hub.Protocol;
import jakarta.websocket.Session;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who is connected: each open session's client. Static, because containers make an endpoint for each session; safe for any thread. */
final class SessionRegistry {
    /** Clients by session id: some containers hand out several objects for one session. Guarded by the class's monitor. */
    private static final Map<String, Client> clients = new HashMap<>();

    private SessionRegistry() {}

    /** Makes and registers the client of a session that has just been opened. */
    static Client open(Session session, Protocol protocol) {
        Tutti tutti = Tutti.current();
        Client client = tutti.hub().connect(new SessionTransport(session, tutti.closing()), protocol);
        add(session, client);
        return client;
    }

    /** Forgets a session; may be called any number of times. */
    static void close(Session session) {
        Client client = remove(session);
        if (client != null) {
            client.disconnected();
        }
    }

    /** Returns the session's client, null if it is not registered. */
    static synchronized @Nullable Client find(Session session) {
        return clients.get(session.getId());
    }

    private static synchronized void add(Session session, Client client) {
        clients.put(session.getId(), client);
    }

    private static synchronized @Nullable Client remove(Session session) {
        return clients.remove(session.getId());
    }
}
