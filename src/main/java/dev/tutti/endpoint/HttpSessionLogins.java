package dev.tutti.endpoint;

import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The HTTP sessions by which the container has signed users in: the connections of one end with it, when it is invalidated or times out. Containers
 * must do that themselves (Jakarta WebSocket 2.1, section 7.2), but Tomcat 11 and Payara leave some connections open. Safe for any thread.
 */
public final class HttpSessionLogins implements HttpSessionListener, HttpSessionIdListener {
    private static final Logger LOG = System.getLogger(HttpSessionLogins.class.getName());

    private static final long MAX_MILLIS = 1_000;

    /** By the id of a session, from its first handshake to its end. */
    private final ConcurrentMap<String, HttpLogin> logins = new ConcurrentHashMap<>();

    private final long maxMillis;

    public HttpSessionLogins() {
        this(MAX_MILLIS);
    }

    /**
     * The end of a session waits for its connections to end: Payara closes the network connection of one next, maybe before another thread has
     * written its close frame.
     *
     * @param maxMillis the most milliseconds to wait
     */
    HttpSessionLogins(long maxMillis) {
        this.maxMillis = maxMillis;
    }

    /** Returns the login of a session, during a request of it. */
    Login of(HttpSession session) {
        return logins.computeIfAbsent(session.getId(), id -> new HttpLogin());
    }

    @Override
    public void sessionDestroyed(HttpSessionEvent event) {
        HttpLogin login = logins.remove(event.getSession().getId());
        if (login != null) {
            login.end(maxMillis);
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
        /** Opens when no connection of a session that has ended is left. */
        private final CountDownLatch closed = new CountDownLatch(1);

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
        public void disconnected(Client client) {
            synchronized (this) {
                clients.remove(client);
                if (!hasEnded || !clients.isEmpty()) {
                    return;
                }
            }
            closed.countDown();
        }

        /** Closes the connections, and returns once they are closed, or after a time. */
        void end(long maxMillis) {
            List<Client> ended;
            synchronized (this) {
                hasEnded = true;
                ended = List.copyOf(clients);
            }
            ended.forEach(HttpLogin::close);
            if (!ended.isEmpty()) {
                awaitClosed(maxMillis);
            }
        }

        private void awaitClosed(long maxMillis) {
            try {
                if (!closed.await(maxMillis, TimeUnit.MILLISECONDS)) {
                    LOG.log(
                            Level.DEBUG,
                            "connections of a session that has ended are still open: their peers do not read");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private static void close(Client client) {
            client.close(CloseCode.UNAUTHENTICATED, "the session of this user has ended: sign in again");
        }
    }
}
