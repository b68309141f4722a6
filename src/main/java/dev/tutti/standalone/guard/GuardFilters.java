package dev.tutti.standalone.guard;

import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.security.Origins;
import java.util.Set;
import java.util.function.LongSupplier;
import org.glassfish.grizzly.filterchain.Filter;
import org.glassfish.grizzly.filterchain.FilterChainBuilder;
import org.glassfish.grizzly.http.HttpServerFilter;
import org.glassfish.grizzly.http.server.AddOn;
import org.glassfish.grizzly.http.server.FileCacheFilter;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.ssl.SSLBaseFilter;
import org.glassfish.grizzly.utils.IdleTimeoutFilter;

/** Puts the guards ahead of Grizzly's HTTP, and takes out what they make needless. Immutable. */
public record Guards(HandshakeGuard handshakes, FrameGuard frames) implements AddOn {
    /** Bytes of one message when there is no limit: a message is in memory as a whole. */
    private static final int UNLIMITED_MESSAGE_BYTES = 4 << 20;

    public static Guards of(
            Set<Class<?>> endpoints,
            Limits limits,
            Origins origins,
            Ending ending,
            Deadlines deadlines,
            LongSupplier nanoTime,
            Hub hub) {
        ConnectionLimits connections = new ConnectionLimits(limits.maxConnections(), limits.maxConnectionsPerAddress());
        FrameGuard frames = new FrameGuard(
                bytes(limits.maxMessageBytes()),
                bytes(limits.maxUpdateBytes()),
                new UnfinishedMessages(hub.budget(), deadlines, nanoTime),
                connections,
                hub.breaches(),
                ending);
        HandshakeGuard handshakes = new HandshakeGuard(
                new HandshakeRules(WebSocketPaths.of(endpoints), origins),
                connections,
                deadlines,
                ending,
                limits.handshakeSeconds(),
                hub.budget(),
                frames::begin);
        return new Guards(handshakes, frames);
    }

    /** Returns the bytes of the largest message that the guards let through. */
    public static int maxMessageBytes(Limits limits) {
        return Math.max(bytes(limits.maxMessageBytes()), bytes(limits.maxUpdateBytes()));
    }

    private static int bytes(int limit) {
        return limit == 0 ? UNLIMITED_MESSAGE_BYTES : limit;
    }

    @Override
    public void setup(NetworkListener listener, FilterChainBuilder chain) {
        int http = chain.indexOfType(HttpServerFilter.class);
        chain.add(http, frames);
        chain.add(http, handshakes);
        int tls = chain.indexOfType(SSLBaseFilter.class);
        if (tls >= 0) {
            ((SSLBaseFilter) chain.get(tls)).setRenegotiationDisabled(true); // costs us more than who asks for it
        }
        remove(chain, IdleTimeoutFilter.class); // Deadlines tell requests from WebSockets
        remove(chain, FileCacheFilter.class); // WebPages holds its files
    }

    private static void remove(FilterChainBuilder chain, Class<? extends Filter> type) {
        int index = chain.indexOfType(type);
        if (index >= 0) {
            chain.remove(index);
        }
    }
}
