package dev.tutti.endpoint;

import dev.tutti.document.Documents;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.SizeLimit;
import dev.tutti.protocol.hocuspocus.HocuspocusConnections;
import jakarta.websocket.Session;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected: each open session's client. Static, because a container makes the endpoints, one for each session, and they
 * have to find one another. Safe for any thread: guarded by the class's monitor, under which nothing is sent.
 */
public final class SessionRegistry {
    /** What "no limit" means to a container, in UTF-16 units: the greatest limit there is. */
    private static final int UNLIMITED_TEXT_LENGTH = 1 << 24;

    /** By session id: some containers hand out several objects for one session. */
    private static final Map<String, Client> clients = new HashMap<>();

    private static @Nullable Hub hub;
    private static @Nullable Documents documents;
    private static @Nullable HocuspocusConnections hocuspocus;
    private static @Nullable Function<Session, Transport> transports;

    private SessionRegistry() {}

    /**
     * Makes the endpoints serve a hub and documents, from now on until the next call.
     *
     * @param transports returns the transport of a session that has just been opened; called on the thread that opened it
     */
    public static synchronized void serve(
            Hub hub, Documents documents, HocuspocusConnections hocuspocus, Function<Session, Transport> transports) {
        SessionRegistry.hub = hub;
        SessionRegistry.documents = documents;
        SessionRegistry.hocuspocus = hocuspocus;
        SessionRegistry.transports = transports;
    }

    /**
     * Returns the hub that the endpoints serve.
     *
     * @throws IllegalStateException if the application was not started
     */
    static synchronized Hub hub() {
        if (hub == null) {
            throw new IllegalStateException("the application was not started");
        }
        return hub;
    }

    /**
     * Returns the documents that the endpoints serve.
     *
     * @throws IllegalStateException if the application was not started
     */
    static synchronized Documents documents() {
        if (documents == null) {
            throw new IllegalStateException("the application was not started");
        }
        return documents;
    }

    /** Returns the limit of a text message; a decoder asks once for its session. */
    static SizeLimit sizeLimit() {
        return new SizeLimit(hub().limits().maxMessageBytes());
    }

    /**
     * Returns the connections of Hocuspocus's provider that the endpoints make.
     *
     * @throws IllegalStateException if the application was not started
     */
    static synchronized HocuspocusConnections hocuspocus() {
        if (hocuspocus == null) {
            throw new IllegalStateException("the application was not started");
        }
        return hocuspocus;
    }

    /** Makes and registers the client of a session that has just been opened. */
    static Client open(Session session, Protocol protocol) {
        session.setMaxTextMessageBufferSize(maxTextLength(hub().limits()));
        Client client = hub().connect(transport(session), protocol, RemoteAddress.of(session), User.of(session));
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

    /** Closes a session's client after what was said to it before; nothing happens if it has none. */
    public static void close(Session session, CloseCode code, String reason) {
        Client client = find(session);
        if (client != null) {
            client.close(code, reason);
        }
    }

    /** Waits until no session is registered, but no longer than {@code millis}. */
    public static synchronized void awaitEmpty(long millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        for (long left = millis; !clients.isEmpty() && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
            SessionRegistry.class.wait(left);
        }
    }

    /** Returns the session's client, null if it is not registered. */
    static synchronized @Nullable Client find(Session session) {
        return clients.get(session.getId());
    }

    /**
     * Returns the length over which a container may refuse a message by itself: each UTF-16 unit stands for a byte at least. Some
     * containers allocate so much for a sender, some look at it for fragments only, some not at all: the decoder has the last
     * word.
     */
    private static int maxTextLength(Limits limits) {
        return limits.maxMessageBytes() == 0 ? UNLIMITED_TEXT_LENGTH : limits.maxMessageBytes();
    }

    private static Transport transport(Session session) {
        Function<Session, Transport> factory;
        synchronized (SessionRegistry.class) {
            factory = transports;
        }
        if (factory == null) {
            throw new IllegalStateException("the application was not started");
        }
        return factory.apply(session);
    }

    private static synchronized void add(Session session, Client client) {
        clients.put(session.getId(), client);
    }

    private static synchronized @Nullable Client remove(Session session) {
        Client client = clients.remove(session.getId());
        if (clients.isEmpty()) {
            SessionRegistry.class.notifyAll();
        }
        return client;
    }
}
