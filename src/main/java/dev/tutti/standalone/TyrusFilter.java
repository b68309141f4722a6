package dev.tutti.standalone;

import dev.tutti.standalone.guard.FrameGuard;
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
 * Tyrus in Grizzly's filter chain. It remembers which connection is being read while Tyrus opens a session on it, and when the
 * handshake is done, it takes HTTP out of that connection's way: a WebSocket has no more use for it, nor for the request that HTTP
 * would hold as long as the connection lives.
 */
final class TyrusFilter extends GrizzlyServerFilter implements AddOn {
    private static final Logger LOG = System.getLogger(TyrusFilter.class.getName());

    private static final ThreadLocal<@Nullable TCPNIOConnection> OPENING = new ThreadLocal<>();

    /** The chain of a connection whose handshake is done; made at the first one. */
    private volatile @Nullable FilterChain webSocketChain;

    TyrusFilter(ServerContainer container) {
        super(container, "");
    }

    /** Returns the connection of the session that Tyrus is opening on this thread; null at any other time. */
    static @Nullable TCPNIOConnection opening() {
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
            NextAction next = super.handleRead(context);
            if (FrameGuard.guards(connection)) {
                leaveHttp(connection, context.getFilterChain());
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
        } catch (
                IllegalStateException
                        e) { // the session is being closed by another thread as well, which tells the endpoint
            LOG.log(Level.DEBUG, "a session was closed twice at once", e);
            return context.getInvokeAction();
        }
    }

    private void leaveHttp(TCPNIOConnection connection, FilterChain httpChain) {
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
                chain.add(new FramesAsContent());
            } else if (!(filter instanceof HttpServerFilter)) {
                chain.add(filter);
            }
        }
        return chain.build();
    }

    /**
     * In HTTP's place: what Tyrus's filter reads are contents of a request. This one asks for no upgrade, so that the filter lets go
     * what comes when Tyrus has forgotten the connection already.
     */
    private static final class FramesAsContent extends BaseFilter {
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
