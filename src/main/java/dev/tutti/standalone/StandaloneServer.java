package dev.tutti.standalone;

import dev.tutti.Tutti;
import dev.tutti.endpoint.BroadcastEndpoint;
import dev.tutti.endpoint.ConnectEndpoint;
import dev.tutti.endpoint.DocumentEndpoint;
import dev.tutti.endpoint.HocuspocusEndpoint;
import dev.tutti.endpoint.RoomEndpoint;
import dev.tutti.http.DocumentsApi;
import dev.tutti.http.Health;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.security.Origins;
import dev.tutti.standalone.guard.Deadlines;
import dev.tutti.standalone.guard.Ending;
import dev.tutti.standalone.guard.FrameGuard;
import dev.tutti.standalone.guard.Guards;
import dev.tutti.standalone.guard.HeadReader;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;
import org.glassfish.grizzly.http.server.ServerConfiguration;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.glassfish.grizzly.strategies.SameThreadIOStrategy;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.WebSocketEngine;
import org.jspecify.annotations.Nullable;

/** Tutti on Tyrus and Grizzly, without a container. Its methods may be called from any thread, one at a time. */
public final class StandaloneServer {
    private static final long CLOSE_FRAMES_MILLIS = 1_000;

    private static final Set<Class<?>> ENDPOINTS = Set.of(
            BroadcastEndpoint.class,
            RoomEndpoint.class,
            ConnectEndpoint.class,
            DocumentEndpoint.class,
            HocuspocusEndpoint.class);

    private final Tutti tutti;
    private final HttpServer http;
    private final NetworkListener listener;
    private final ScheduledExecutorService clock;

    private StandaloneServer(Tutti tutti, HttpServer http, NetworkListener listener, ScheduledExecutorService clock) {
        this.tutti = tutti;
        this.http = http;
        this.listener = listener;
        this.clock = clock;
    }

    /**
     * Starts a server; when this returns, it accepts connections.
     *
     * @param webapp where the web pages are: folders or WARs, of which a later one wins; null for none
     * @throws IllegalArgumentException if a TLS certificate is given without its key, or a key without its certificate
     * @throws dev.tutti.document.StoreException if documents cannot be kept where they should be
     * @throws IOException if the port is taken, or the pages or the TLS files cannot be read
     */
    public static StandaloneServer start(Configuration settings, @Nullable List<Path> webapp) throws IOException {
        return start(settings, webapp, System::nanoTime);
    }

    /** As above; {@code nanoTime} is the clock of the guards' deadlines. */
    static StandaloneServer start(Configuration settings, @Nullable List<Path> webapp, LongSupplier nanoTime)
            throws IOException {
        ServerOptions options = settings.server();
        Limits limits = settings.limits();
        Origins origins = settings.origins();
        TlsContext tls = TlsContext.of(options);
        HttpServer http = new HttpServer();
        NetworkListener listener = new NetworkListener("tutti", options.host(), options.port());
        http.addListener(listener);
        listener.getTransport().setIOStrategy(SameThreadIOStrategy.getInstance());
        TransportThreads.prepare(listener.getTransport());
        ServerConfiguration configuration = http.getServerConfiguration();
        if (webapp != null) {
            configuration.addHttpHandler(WebPages.of(webapp), "/");
        }
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "tutti-close");
            thread.setDaemon(true);
            return thread;
        });
        Ending ending = new Ending(clock);
        Tutti tutti = Tutti.start(limits, settings.store(), session -> {
            TCPNIOConnection connection = Objects.requireNonNull(TyrusFilter.opening());
            String quotaKey = FrameGuard.opened(connection, session);
            return new TyrusTransport(session, connection, ending, tls != null, quotaKey);
        });
        configuration.addHttpHandler(new HealthHandler(tutti.hub()), "/health");
        DocumentsApi api = new DocumentsApi(tutti.documents(), origins, settings.documents());
        configuration.addHttpHandler(new ApiHandler(api), ApiHandler.PATH);
        listener.registerAddOn(new TyrusFilter(new Container(ENDPOINTS, Guards.maxMessageBytes(limits))));
        listener.registerAddOn(
                Guards.of(ENDPOINTS, limits, origins, ending, new Deadlines(clock, nanoTime), nanoTime, tutti.hub()));
        listener.setMaxHttpHeaderSize(2 * HeadReader.MAX_HEAD_BYTES); // never reached: the guard refuses more
        if (tls != null) {
            listener.setSecure(true);
            listener.setSSLEngineConfig(tls);
            tls.watch(clock);
        }
        StandaloneServer server = new StandaloneServer(tutti, http, listener, clock);
        try {
            http.start();
        } catch (IOException | RuntimeException e) {
            server.stop();
            throw e;
        }
        return server;
    }

    /** Returns the port that this listens on. */
    public int port() {
        return listener.getPort();
    }

    /** Closes all clients with 1001 and stops; takes no longer than about a second, unless the store of documents does. Only the first call counts. */
    public void stop() {
        try {
            tutti.stop(CLOSE_FRAMES_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.shutdownNow();
        clock.shutdownNow();
    }

    /** Tyrus with its endpoints, for Grizzly's filter chain. */
    private static final class Container extends TyrusServerContainer {
        private final TyrusEngine engine;

        Container(Set<Class<?>> endpoints, int maxMessageBytes) {
            super(endpoints);
            engine = new TyrusEngine(this, maxMessageBytes);
            try {
                for (Class<?> endpoint : endpoints) {
                    register(endpoint);
                }
            } catch (DeploymentException e) {
                throw new LinkageError("an endpoint is not one", e);
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

    private static final class HealthHandler extends HttpHandler {
        private final Hub hub;

        HealthHandler(Hub hub) {
            this.hub = hub;
        }

        @Override
        public void service(Request request, Response response) throws IOException {
            response.setHeader("Cache-Control", "no-store");
            Responses.send(response, 200, Health.CONTENT_TYPE, Health.of(hub));
        }
    }
}
