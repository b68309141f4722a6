package dev.tutti.standalone;

import dev.tutti.standalone.guard.FrameGuard;
import dev.tutti.standalone.guard.WebSocketPaths;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.WebSocketContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.glassfish.tyrus.core.AnnotatedEndpoint;
import org.glassfish.tyrus.core.ComponentProviderService;
import org.glassfish.tyrus.core.DebugContext;
import org.glassfish.tyrus.core.ErrorCollector;
import org.glassfish.tyrus.core.HandshakeException;
import org.glassfish.tyrus.core.ProtocolHandler;
import org.glassfish.tyrus.core.TyrusEndpointWrapper;
import org.glassfish.tyrus.core.TyrusWebSocket;
import org.glassfish.tyrus.core.Version;
import org.glassfish.tyrus.core.WebSocketException;
import org.glassfish.tyrus.core.extension.ExtendedExtension;
import org.glassfish.tyrus.core.frame.CloseFrame;
import org.glassfish.tyrus.core.frame.Frame;
import org.glassfish.tyrus.core.monitoring.EndpointEventListener;
import org.glassfish.tyrus.spi.CompletionHandler;
import org.glassfish.tyrus.spi.Connection;
import org.glassfish.tyrus.spi.ReadHandler;
import org.glassfish.tyrus.spi.UpgradeRequest;
import org.glassfish.tyrus.spi.UpgradeResponse;
import org.glassfish.tyrus.spi.WebSocketEngine;
import org.glassfish.tyrus.spi.Writer;
import org.glassfish.tyrus.spi.WriterInfo;
import org.jspecify.annotations.Nullable;

/**
 * A Tyrus engine that requires whole frames from {@link FrameGuard} and keeps no bytes between reads. The stock engine keeps a buffer as
 * large as the longest message of each connection, and copies every read into it. Safe for any thread.
 */
final class TyrusEngine implements WebSocketEngine {
    private static final Logger LOG = System.getLogger(TyrusEngine.class.getName());

    /** An endpoint and its path template, whose last segment may be a parameter in braces. */
    private record Route(List<String> template, TyrusEndpointWrapper endpoint) {}

    private final WebSocketContainer container;
    private final int maxMessageBytes;
    private final ComponentProviderService components = ComponentProviderService.create();
    private final List<Route> routes = new ArrayList<>();

    /** Makes an engine without endpoints. All registrations come before the first upgrade. */
    TyrusEngine(WebSocketContainer container, int maxMessageBytes) {
        this.container = container;
        this.maxMessageBytes = maxMessageBytes;
    }

    @Override
    public void register(Class<?> endpoint, String contextPath) throws DeploymentException {
        ErrorCollector errors = new ErrorCollector();
        AnnotatedEndpoint annotated = AnnotatedEndpoint.fromClass(
                endpoint, components, true, maxMessageBytes, errors, EndpointEventListener.NO_OP);
        if (!errors.isEmpty()) {
            throw errors.composeComprehensiveException();
        }
        ServerEndpointConfig config = (ServerEndpointConfig) annotated.getEndpointConfig();
        TyrusEndpointWrapper wrapper = new TyrusEndpointWrapper(
                annotated,
                config,
                components,
                container,
                contextPath,
                config.getConfigurator(),
                new TyrusEndpointWrapper.SessionListener() {},
                null,
                EndpointEventListener.NO_OP,
                false);
        routes.add(new Route(WebSocketPaths.segments(config.getPath()), wrapper));
    }

    @Override
    public void register(ServerEndpointConfig config, String contextPath) throws DeploymentException {
        throw new DeploymentException("only annotated endpoint classes are supported");
    }

    @Override
    public UpgradeInfo upgrade(UpgradeRequest request, UpgradeResponse response) {
        TyrusEndpointWrapper endpoint = find(request);
        if (endpoint == null || !"websocket".equalsIgnoreCase(request.getHeader(UpgradeRequest.UPGRADE))) {
            return failed(UpgradeStatus.NOT_APPLICABLE);
        }
        ProtocolHandler protocol = Version.DRAFT17.createHandler(false, null);
        try {
            protocol.handshake(endpoint, request, response, NoExtensions.INSTANCE);
        } catch (HandshakeException e) {
            response.setStatus(e.getHttpStatusCode());
            return failed(UpgradeStatus.HANDSHAKE_FAILED);
        }
        return new UpgradeInfo() {
            @Override
            public UpgradeStatus getStatus() {
                return UpgradeStatus.SUCCESS;
            }

            @Override
            public Connection createConnection(Writer writer, Connection.CloseListener closeListener) {
                return open(endpoint, protocol, writer, closeListener, request, response);
            }
        };
    }

    private @Nullable TyrusEndpointWrapper find(UpgradeRequest request) {
        List<String> path = WebSocketPaths.segments(request.getRequestURI().getRawPath());
        for (Route route : routes) {
            if (WebSocketPaths.matches(route.template(), path)) {
                return route.endpoint();
            }
        }
        return null;
    }

    private static UpgradeInfo failed(UpgradeStatus status) {
        return new UpgradeInfo() {
            @Override
            public UpgradeStatus getStatus() {
                return status;
            }

            @Override
            public @Nullable Connection createConnection(Writer writer, Connection.CloseListener closeListener) {
                return null;
            }
        };
    }

    private static Connection open(
            TyrusEndpointWrapper endpoint,
            ProtocolHandler protocol,
            Writer writer,
            Connection.CloseListener closeListener,
            UpgradeRequest request,
            UpgradeResponse response) {
        protocol.setWriter(new LingeringWriter(writer, Objects.requireNonNull(TyrusFilter.openingConnection())));
        TyrusWebSocket socket = new TyrusWebSocket(protocol, endpoint);
        String subprotocol = response.getFirstHeaderValue(UpgradeRequest.SEC_WEBSOCKET_PROTOCOL);
        socket.onConnect(request, subprotocol, List.of(), null, new DebugContext());
        return new WholeFrames(protocol, socket, writer, closeListener);
    }

    /** Passes whole frames of one connection to Tyrus. Called from one thread at a time. */
    private record WholeFrames(
            ProtocolHandler protocol,
            TyrusWebSocket socket,
            Writer getWriter,
            Connection.CloseListener getCloseListener)
            implements Connection, ReadHandler {
        @Override
        public ReadHandler getReadHandler() {
            return this;
        }

        @Override
        public void handle(ByteBuffer frames) {
            try {
                for (Frame frame = protocol.unframe(frames); frame != null; frame = protocol.unframe(frames)) {
                    protocol.process(frame, socket);
                }
            } catch (WebSocketException e) {
                LOG.log(Level.DEBUG, "an invalid frame passed the guard", e);
                socket.onClose(new CloseFrame(e.getCloseReason()));
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "processing a frame failed", e);
                socket.onClose(new CloseFrame(new CloseReason(CloseCodes.UNEXPECTED_CONDITION, "the server failed")));
            }
        }

        @Override
        public void close(CloseReason reason) {
            if (socket.isConnected()) {
                socket.close(reason.getCloseCode().getCode(), reason.getReasonPhrase());
            }
        }
    }

    /** Tyrus's writer, which leaves the close of the connection to {@link FrameGuard}. */
    private static final class LingeringWriter extends Writer {
        private final Writer writer;
        private final TCPNIOConnection connection;

        LingeringWriter(Writer writer, TCPNIOConnection connection) {
            this.writer = writer;
            this.connection = connection;
        }

        @Override
        public void write(ByteBuffer frame, CompletionHandler<ByteBuffer> done) {
            writer.write(frame, done);
        }

        @Override
        public void write(ByteBuffer frame, CompletionHandler<ByteBuffer> done, WriterInfo info) {
            writer.write(frame, done, info);
        }

        @Override
        public void close() {
            FrameGuard.closeAfterTyrus(connection);
        }
    }

    /** The context of no extensions: the server negotiates none. */
    private enum NoExtensions implements ExtendedExtension.ExtensionContext {
        INSTANCE;

        @Override
        public Map<String, Object> getProperties() {
            return Map.of();
        }
    }
}
