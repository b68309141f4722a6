package dev.tutti.standalone;

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
record Guards(HandshakeGuard handshakes, FrameGuard frames) implements AddOn {
    /** Bytes of one message when there is no limit: Tyrus holds a frame as a whole. */
    private static final int UNLIMITED_MESSAGE_BYTES = 4 << 20;

    /** What may come behind a message in one read, with the frame's header: Tyrus's buffer has to hold both. */
    private static final int BEHIND_MESSAGE_BYTES = 1 << 20;

    static Guards of(
            Set<Class<?>> endpoints,
            Limits limits,
            Origins origins,
            Ending ending,
            Deadlines deadlines,
            LongSupplier nanoTime) {
        FrameGuard frames =
                new FrameGuard(bytes(limits.maxMessageBytes()), bytes(limits.maxUpdateBytes()), nanoTime, ending);
        HandshakeGuard handshakes = new HandshakeGuard(
                new HandshakeRules(WebSocketPaths.of(endpoints), origins),
                new ConnectionLimits(limits.maxConnections(), limits.maxConnectionsPerAddress()),
                deadlines,
                ending,
                limits.handshakeSeconds(),
                frames::begin);
        return new Guards(handshakes, frames);
    }

    /** Returns how large Tyrus's buffer for what comes in has to be. */
    static int incomingBytes(Limits limits) {
        int largest = Math.max(bytes(limits.maxMessageBytes()), bytes(limits.maxUpdateBytes()));
        return Math.max(largest, UNLIMITED_MESSAGE_BYTES) + BEHIND_MESSAGE_BYTES;
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
