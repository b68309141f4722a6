package dev.tutti.standalone;

import dev.tutti.endpoint.Handshake;
import dev.tutti.security.Identity;
import dev.tutti.standalone.guard.FrameGuard;
import dev.tutti.standalone.guard.HandshakeGuard;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.Filter;
import org.glassfish.grizzly.filterchain.FilterChain;
import org.glassfish.grizzly.filterchain.FilterChainBuilder;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.http.HttpContent;
import org.glassfish.grizzly.http.HttpRequestPacket;
import org.glassfish.grizzly.http.Method;
import org.glassfish.grizzly.http.Protocol;
import org.glassfish.grizzly.http.server.AddOn;
import org.glassfish.grizzly.http.server.HttpServerFilter;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.glassfish.tyrus.container.grizzly.server.GrizzlyServerFilter;
import org.glassfish.tyrus.spi.ServerContainer;
import org.jspecify.annotations.Nullable;

/**
 * Tyrus's filter in Grizzly's chain. It records the connection on which Tyrus opens a session. After the handshake it replaces the
 * connection's chain by one without HTTP, which would keep the request for the life of the WebSocket. Safe for any thread.
 */
final class TyrusFilter extends GrizzlyServerFilter implements AddOn {
    private static final Logger LOG = System.getLogger(TyrusFilter.class.getName());

    private static final ThreadLocal<@Nullable TCPNIOConnection> OPENING = new ThreadLocal<>();

    /** The chain of all WebSockets; created at the first handshake. */
    private volatile @Nullable FilterChain webSocketChain;

    TyrusFilter(ServerContainer container) {
        super(container, "");
    }

    /** Returns the connection on which Tyrus opens a session on this thread; null at other times. */
    static @Nullable TCPNIOConnection openingConnection() {
        return OPENING.get();
    }

    @Override
    public void setup(NetworkListener listener, FilterChainBuilder builder) {
        builder.add(builder.indexOfType(HttpServerFilter.class), this);
    }

    @Override
    public NextAction handleRead(FilterChainContext context) throws IOException {
        TCPNIOConnection connection = (TCPNIOConnection) context.getConnection();
        if (connection.getProcessor() == webSocketChain) {
            return super.handleRead(context);
        }
        OPENING.set(connection);
        try {
            Identity identity = HandshakeGuard.identity(connection);
            NextAction next = identity == null
                    ? super.handleRead(context)
                    : new Handshake("", identity)
                            .<NextAction, IOException, RuntimeException>during(() -> super.handleRead(context));
            if (FrameGuard.isWebSocket(connection)) {
                removeHttp(connection, context.getFilterChain());
            }
            return next;
        } finally {
            OPENING.remove();
        }
    }

    @Override
    public NextAction handleClose(FilterChainContext context) throws IOException {
        try {
            return super.handleClose(context);
        } catch (IllegalStateException e) { // another thread closes the session at the same time and calls the endpoint
            LOG.log(Level.DEBUG, "two threads closed a session", e);
            return context.getInvokeAction();
        }
    }

    private void removeHttp(TCPNIOConnection connection, FilterChain httpChain) {
        FilterChain chain = webSocketChain;
        if (chain == null) {
            chain = withoutHttp(httpChain);
            webSocketChain = chain;
        }
        connection.setProcessor(chain);
        connection
                .getAttributes()
                .removeAttribute(org.glassfish.grizzly.http.HttpServerFilter.HTTP_SERVER_REQUEST_ATTR_NAME);
    }

    private static FilterChain withoutHttp(FilterChain httpChain) {
        FilterChainBuilder chain = FilterChainBuilder.stateless();
        for (Filter filter : httpChain) {
            if (filter instanceof org.glassfish.grizzly.http.HttpServerFilter) {
                chain.add(new FramesAsHttpContent());
            } else if (!(filter instanceof HttpServerFilter)) {
                chain.add(filter);
            }
        }
        return chain.build();
    }

    /**
     * Replaces the HTTP filter: it wraps frames in HTTP content, which Tyrus's filter expects. The request of that content has no Upgrade, so
     * Tyrus's filter ignores input that arrives after it has closed the connection.
     */
    private static final class FramesAsHttpContent extends BaseFilter {
        private static final HttpRequestPacket NO_REQUEST = HttpRequestPacket.builder()
                .method(Method.GET)
                .uri("/")
                .protocol(Protocol.HTTP_1_1)
                .build();

        @Override
        public NextAction handleRead(FilterChainContext context) {
            context.setMessage(HttpContent.create(NO_REQUEST, false, context.getMessage()));
            return context.getInvokeAction();
        }
    }
}
