package dev.tutti.endpoint;

import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The HTTP sessions by which the container has signed users in: the connections of one end with it, when it is invalidated or times out. Containers
 * must do that themselves (Jakarta WebSocket 2.1, section 7.2), but Tomcat 11 and Payara leave some connections open. Safe for any thread.
 */
public final class HttpSessionLogins implements HttpSessionListener, HttpSessionIdListener {
    /** By the id of a session, from its first handshake to its end. */
    private final ConcurrentMap<String, HttpLogin> logins = new ConcurrentHashMap<>();

    /** Returns the login of a session, during a request of it. */
    Login of(HttpSession session) {
        return logins.computeIfAbsent(session.getId(), id -> new HttpLogin());
    }

    @Override
    public void sessionDestroyed(HttpSessionEvent event) {
        HttpLogin login = logins.remove(event.getSession().getId());
        if (login != null) {
            login.end();
        }
    }

    @Override
    public void sessionIdChanged(HttpSessionEvent event, String oldId) {
        HttpLogin login = logins.remove(oldId);
        if (login != null) {
            logins.put(event.getSession().getId(), login);
        }
    }

    /** One session. Safe for any thread. */
    private static final class HttpLogin implements Login {
        // Guarded by this.
        private final Set<Client> clients = new HashSet<>();
        private boolean hasEnded;

        @Override
        public void connected(Client client) {
            synchronized (this) {
                if (!hasEnded) {
                    clients.add(client);
                    return;
                }
            }
            close(client);
        }

        @Override
        public synchronized void disconnected(Client client) {
            clients.remove(client);
        }

        void end() {
            List<Client> ended;
            synchronized (this) {
                hasEnded = true;
                ended = List.copyOf(clients);
                clients.clear();
            }
            ended.forEach(HttpLogin::close);
        }

        private static void close(Client client) {
            client.close(CloseCode.UNAUTHENTICATED, "the session of this user has ended: sign in again");
        }
    }
}
