package dev.tutti.standalone;

import dev.tutti.Parts;
import dev.tutti.ServerOptions;
import dev.tutti.Tutti;
import dev.tutti.endpoint.BroadcastEndpoint;
import dev.tutti.endpoint.ConnectEndpoint;
import dev.tutti.endpoint.DocumentEndpoint;
import dev.tutti.endpoint.HocuspocusEndpoint;
import dev.tutti.endpoint.RoomEndpoint;
import dev.tutti.http.Routes;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.security.Gate;
import dev.tutti.security.Permissions;
import dev.tutti.standalone.guard.Deadlines;
import dev.tutti.standalone.guard.FrameGuard;
import dev.tutti.standalone.guard.GuardFilters;
import dev.tutti.standalone.guard.HeadReader;
import dev.tutti.standalone.guard.InputRates;
import dev.tutti.standalone.guard.LingeringClose;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.glassfish.grizzly.strategies.SameThreadIOStrategy;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.WebSocketEngine;
import org.jspecify.annotations.Nullable;

/** Tutti on Tyrus and Grizzly, without a container. Safe for any thread, one call at a time. */
public final class StandaloneServer {
    /** Time for sending close frames when the server stops. */
    private static final long CLOSE_FRAMES_MILLIS = 1_000;

    /**
     * Bytes that one read of a connection may take. A selector thread reads each of its ready connections once before it reads one again, so
     * a small read keeps the turns of the others short.
     */
    private static final int READ_BYTES = 16 << 10;

    private static final Set<Class<?>> ENDPOINTS = Set.of(
            BroadcastEndpoint.class,
            RoomEndpoint.class,
            ConnectEndpoint.class,
            DocumentEndpoint.class,
            HocuspocusEndpoint.class);

    private final Tutti tutti;
    private final HttpServer http;
    private final List<NetworkListener> listeners;
    private final ScheduledExecutorService scheduler;

    private StandaloneServer(
            Tutti tutti, HttpServer http, List<NetworkListener> listeners, ScheduledExecutorService scheduler) {
        this.tutti = tutti;
        this.http = http;
        this.listeners = listeners;
        this.scheduler = scheduler;
    }

    /**
     * Starts a server. It accepts connections when this returns.
     *
     * @param webapp directories or WARs with the web pages, the last one with a path wins; null for none
     * @throws IllegalArgumentException for a TLS certificate without a key, or a key without a certificate
     * @throws dev.tutti.document.StoreException if the store of documents cannot be opened
     * @throws IOException if the port is taken, or the pages or the TLS files cannot be read
     */
    public static StandaloneServer start(Configuration settings, @Nullable List<Path> webapp) throws IOException {
        return start(settings, webapp, settings.permissions(), System::nanoTime);
    }

    /** Starts a server with other permissions, and whose guards use another clock than {@link System#nanoTime}. */
    static StandaloneServer start(
            Configuration settings, @Nullable List<Path> webapp, Permissions permissions, LongSupplier nanoTime)
            throws IOException {
        ServerOptions options = settings.server();
        TlsContext tls = TlsContext.of(options);
        HttpServer http = new HttpServer();
        List<NetworkListener> listeners = listeners(options);
        listeners.forEach(http::addListener);
        @Nullable FutureTask<WebPages> pages = webapp == null ? null : read(webapp, settings.gate());
        ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "tutti-close");
            thread.setDaemon(true);
            return thread;
        });
        LingeringClose lingeringClose = new LingeringClose(scheduler);
        Tutti tutti = Tutti.start(
                settings.limits(), settings.gate(), permissions, settings.store(), settings.cluster(), session -> {
                    TCPNIOConnection connection = Objects.requireNonNull(TyrusFilter.openingConnection());
                    String quotaKey = FrameGuard.attach(connection, session);
                    return new TyrusTransport(session, connection, lingeringClose, tls != null, quotaKey);
                });
        Parts parts = tutti.parts();
        settings.webhooks()
                .ifPresent(target -> parts.sendWebhooks(target, settings.store().directory()));
        Routes routes = parts.routes(settings.documents(), settings.accounts(), settings.drain(), settings.metrics());
        http.getServerConfiguration().addHttpHandler(new RouteHandler(routes), RouteHandler.PATHS);
        InputRates rates = new InputRates(settings.limits().maxBytesPerSecond(), scheduler, nanoTime);
        addFilters(
                listeners, parts.hub(), settings, lingeringClose, new Deadlines(scheduler, nanoTime), rates, nanoTime);
        if (tls != null) {
            for (NetworkListener listener : listeners) {
                listener.setSecure(true);
                listener.setSSLEngineConfig(tls);
            }
            tls.watch(scheduler);
        }
        StandaloneServer server = new StandaloneServer(tutti, http, listeners, scheduler);
        try {
            if (pages != null) {
                http.getServerConfiguration().addHttpHandler(await(pages), "/");
            }
            http.start();
        } catch (IOException | RuntimeException e) {
            server.stop();
            throw e;
        }
        return server;
    }

    /** Reads the pages on a thread of its own, while the parts of the server start. */
    private static FutureTask<WebPages> read(List<Path> webapp, Gate gate) {
        FutureTask<WebPages> pages = new FutureTask<>(() -> WebPages.of(webapp, gate));
        new Thread(pages, "tutti-pages").start();
        return pages;
    }

    private static WebPages await(FutureTask<WebPages> pages) throws IOException {
        try {
            return pages.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException unread) {
                throw unread;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the web pages were read");
        }
    }

    /** Returns a listener for each address, all on one port. */
    private static List<NetworkListener> listeners(ServerOptions options) throws IOException {
        List<String> addresses = options.addresses();
        int port = options.port() == 0 && addresses.size() > 1 ? freePort() : options.port();
        List<NetworkListener> listeners = new ArrayList<>();
        for (String address : addresses) {
            NetworkListener listener = new NetworkListener("tutti-" + address, address, port);
            listener.getTransport().setIOStrategy(SameThreadIOStrategy.getInstance());
            listener.getTransport().setReadBufferSize(READ_BYTES);
            SelectorThreads.install(listener.getTransport());
            listeners.add(listener);
        }
        return listeners;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void addFilters(
            List<NetworkListener> listeners,
            Hub hub,
            Configuration settings,
            LingeringClose lingeringClose,
            Deadlines deadlines,
            InputRates rates,
            LongSupplier nanoTime) {
        Limits limits = settings.limits();
        TyrusContainer container = new TyrusContainer(ENDPOINTS, GuardFilters.maxMessageBytes(limits));
        GuardFilters guards =
                GuardFilters.of(ENDPOINTS, limits, settings.gate(), lingeringClose, deadlines, rates, nanoTime, hub);
        for (NetworkListener listener : listeners) {
            listener.registerAddOn(new TyrusFilter(container)); // each has a chain of its own
            listener.registerAddOn(guards);
            listener.setMaxHttpHeaderSize(2 * HeadReader.MAX_HEAD_BYTES); // never reached: the guard's limit is lower
        }
    }

    /** Returns the port that the server listens on. */
    public int port() {
        return listeners.get(0).getPort();
    }

    /** Moves all clients to another server; returns a stage that completes when they have left. {@link #stop} should follow. */
    public CompletionStage<Void> drain(Drain.Options options) {
        return tutti.parts().drain().begin(options);
    }

    /**
     * Closes all clients with 1001 and stops. It blocks for up to about a second, or until the store has written its documents. Further calls
     * have no effect.
     */
    public void stop() {
        try {
            tutti.stop(CLOSE_FRAMES_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.shutdownNow();
        scheduler.shutdownNow();
    }

    /** Tyrus's container with the endpoints, for Grizzly's filter chain. */
    private static final class TyrusContainer extends TyrusServerContainer {
        private final TyrusEngine engine;

        TyrusContainer(Set<Class<?>> endpoints, int maxMessageBytes) {
            super(endpoints);
            engine = new TyrusEngine(this, maxMessageBytes);
            setDefaultMaxSessionIdleTimeout(-1); // Tyrus starts a timer with each message at 0, too
            try {
                for (Class<?> endpoint : endpoints) {
                    register(endpoint);
                }
            } catch (DeploymentException e) {
                throw new LinkageError("invalid endpoint class", e);
            }
        }

        @Override
        public void register(Class<?> endpoint) throws DeploymentException {
            engine.register(endpoint, "/");
        }

        @Override
        public void register(ServerEndpointConfig endpoint) throws DeploymentException {
            engine.register(endpoint, "/");
        }

        @Override
        public Map<String, Object> getProperties() {
            return Map.of();
        }

        @Override
        public WebSocketEngine getWebSocketEngine() {
            return engine;
        }
    }
}
