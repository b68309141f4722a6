package dev.tutti.endpoint;

import dev.tutti.document.Documents;
import dev.tutti.hub.Client;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Protocol;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.SizeLimit;
import dev.tutti.protocol.hocuspocus.HocuspocusConnections;
import dev.tutti.security.Authenticator;
import jakarta.websocket.Session;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The open sessions and their clients. Static, because a container makes the endpoints, one for each session, and all of them must find
 * the same registry. Safe for any thread: guarded by the class's monitor, under which nothing is sent.
 */
public final class SessionRegistry {
    /** The largest text message where there is no limit, in UTF-16 units: the greatest limit that can be set. */
    private static final int UNLIMITED_TEXT_LENGTH = 1 << 24;

    /** By session id: some containers make several objects for one session. */
    private static final Map<String, Registered> clients = new HashMap<>();

    /** The client of a session, and the login with which it ends. */
    private record Registered(Client client, Login login) {}

    private static @Nullable Services services;

    /** Of all applications: they share the processors. */
    private static final InputPace inputPace =
            new InputPace(Runtime.getRuntime().availableProcessors(), TimeSource.SYSTEM, LockSupport::parkNanos);

    private SessionRegistry() {}

    /** Makes the endpoints serve an application, until the next call. */
    public static synchronized void serve(Services application) {
        services = application;
    }

    /** Makes and registers the client of a session that has just been opened. */
    static Client open(Session session, Protocol protocol) {
        session.setMaxTextMessageBufferSize(maxTextLength(limits()));
        Handshake handshake = Handshake.of(session);
        Transport transport = services().transports().apply(session);
        Client client = hub().connect(
                        transport,
                        protocol,
                        handshake.address(),
                        authenticator().of(handshake.identity()));
        add(session, new Registered(client, handshake.login()));
        handshake.login().connected(client);
        if (!session.isOpen()) {
            close(session); // the connection was closed meanwhile, maybe before the client was registered
        }
        return client;
    }

    /** Unregisters a session, whose client leaves; calls after the first do nothing. */
    static void close(Session session) {
        Registered ended = remove(session);
        if (ended != null) {
            ended.login.disconnected(ended.client);
            ended.client.disconnected();
        }
    }

    /** Closes a session's client after everything sent to it before; does nothing if the session is not registered. */
    public static void close(Session session, CloseCode code, String reason) {
        Client client = find(session);
        if (client != null) {
            client.close(code, reason);
        }
    }

    /** Waits until no session is registered, for at most {@code millis}. */
    public static synchronized void awaitEmpty(long millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        for (long left = millis; !clients.isEmpty() && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
            SessionRegistry.class.wait(left);
        }
    }

    /** Returns the session's client, null if it is not registered. */
    static synchronized @Nullable Client find(Session session) {
        Registered found = clients.get(session.getId());
        return found == null ? null : found.client;
    }

    private static synchronized void add(Session session, Registered opened) {
        clients.put(session.getId(), opened);
    }

    private static synchronized @Nullable Registered remove(Session session) {
        Registered ended = clients.remove(session.getId());
        if (clients.isEmpty()) {
            SessionRegistry.class.notifyAll();
        }
        return ended;
    }

    private static Hub hub() {
        return services().hub();
    }

    /** Returns the limits of every client. */
    static Limits limits() {
        return hub().limits();
    }

    /** Returns the limit of a text message; a decoder asks once for its session. */
    static SizeLimit sizeLimit() {
        return new SizeLimit(limits().maxMessageBytes());
    }

    /** Returns the part that verifies tokens. */
    static Authenticator authenticator() {
        return services().authenticator();
    }

    /** Returns the documents that the endpoints serve. */
    static Documents documents() {
        return services().documents();
    }

    /** Returns the connections of Hocuspocus's provider that the endpoints make. */
    static HocuspocusConnections hocuspocus() {
        return services().hocuspocus();
    }

    /** Returns the pace at which long messages of all sessions are read. */
    static InputPace inputPace() {
        return inputPace;
    }

    /** @throws IllegalStateException if no application was started */
    private static synchronized Services services() {
        if (services == null) {
            throw new IllegalStateException("the application was not started");
        }
        return services;
    }

    /**
     * Returns the length at which a container may refuse a message by itself: each UTF-16 unit stands for at least one byte. Some
     * containers allocate so much for a sender, some check it for fragments only, some not at all: the reader has the last word.
     */
    private static int maxTextLength(Limits limits) {
        return limits.maxMessageBytes() == 0 ? UNLIMITED_TEXT_LENGTH : limits.maxMessageBytes();
    }
}
