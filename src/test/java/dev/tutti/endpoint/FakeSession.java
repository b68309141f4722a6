package dev.tutti.endpoint;

import dev.tutti.document.Documents;
import dev.tutti.document.MemoryStore;
import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.FakeTokens;
import dev.tutti.protocol.hocuspocus.HocuspocusConnections;
import dev.tutti.security.Identity;
import dev.tutti.settings.Settings;
import jakarta.websocket.Session;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A session of no container, and the peer behind it. Confined to the test. */
final class FakeSession implements Transport {
    private static final AtomicInteger COUNT = new AtomicInteger();

    final Session session;
    final List<String> received = new ArrayList<>();

    @Nullable
    CloseCode closeCode;

    String closeReason = "";
    boolean isOpen = true;

    private FakeSession(String address, String uri, @Nullable String subprotocol, Map<String, List<String>> query) {
        String id = "session-" + COUNT.incrementAndGet();
        Map<String, Object> properties =
                new HashMap<>(Map.of("dev.tutti.handshake", new Handshake(address, Identity.named("Ann"))));
        session = (Session) Proxy.newProxyInstance(
                Session.class.getClassLoader(),
                new Class<?>[] {Session.class},
                (proxy, method, given) -> switch (method.getName()) {
                    case "getId" -> id;
                    case "getUserProperties" -> properties;
                    case "getRequestURI" -> URI.create(uri);
                    case "getRequestParameterMap" -> query;
                    case "getNegotiatedSubprotocol" -> subprotocol;
                    case "isOpen" -> isOpen;
                    case "hashCode" -> id.hashCode();
                    case "equals" -> proxy == given[0];
                    case "toString" -> id;
                    default -> null;
                });
    }

    /** Sessions, and an application that serves them. Its rooms run when a test calls {@link #run}. */
    static final class Container {
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private final Map<String, FakeSession> sessions = new HashMap<>();
        final Hub hub;

        /** Makes the endpoints serve an application with the default limits but for these settings. */
        Container(Map<String, String> settings) {
            Limits limits = Settings.read(Limits.class, settings::get);
            hub = new Hub(limits, "h", tasks::add, 1, TimeSource.SYSTEM);
            Documents documents = new Documents(
                    limits, hub.budget(), new MemoryStore(), tasks::add, TimeSource.SYSTEM, (task, nanos) -> {});
            SessionRegistry.serve(new Services(
                    hub,
                    documents,
                    new HocuspocusConnections(documents, limits, FakeTokens.NONE, TimeSource.SYSTEM),
                    FakeTokens.NONE,
                    session -> sessions.get(session.getId())));
        }

        FakeSession session(String uri, @Nullable String subprotocol, Map<String, List<String>> query) {
            FakeSession made = new FakeSession("192.0.2.1", uri, subprotocol, query);
            sessions.put(made.session.getId(), made);
            return made;
        }

        FakeSession session(String uri) {
            return session(uri, null, Map.of());
        }

        void run() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }

        /** Unregisters every session. */
        void close() {
            sessions.values().forEach(each -> SessionRegistry.close(each.session));
        }
    }

    @Override
    public int send(Batch batch, int from, Completion done) {
        for (int i = from; i < batch.size(); i++) {
            received.add(batch.frame(i).isText() ? batch.frame(i).text() : "binary");
        }
        done.done(null);
        return batch.size();
    }

    @Override
    public void ping(Runnable handedOver) {
        handedOver.run();
    }

    @Override
    public void close(CloseCode code, String reason) {
        closeCode = code;
        closeReason = reason;
    }
}
