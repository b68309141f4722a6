package dev.tutti.standalone;

import java.io.IOException;
import org.glassfish.grizzly.filterchain.FilterChainBuilder;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.http.server.AddOn;
import org.glassfish.grizzly.http.server.HttpServerFilter;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.glassfish.tyrus.container.grizzly.server.GrizzlyServerFilter;
import org.glassfish.tyrus.spi.ServerContainer;
import org.jspecify.annotations.Nullable;

/** Tyrus in Grizzly's filter chain. It remembers which connection is being read while Tyrus opens a session on it. */
final class TyrusFilter extends GrizzlyServerFilter implements AddOn {
    private static final ThreadLocal<@Nullable TCPNIOConnection> OPENING = new ThreadLocal<>();

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
        OPENING.set((TCPNIOConnection) context.getConnection());
        try {
            return super.handleRead(context);
        } finally {
            OPENING.remove();
        }
    }
}
