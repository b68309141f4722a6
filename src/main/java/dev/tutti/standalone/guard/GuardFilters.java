package dev.tutti.standalone.guard;

import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.security.Gate;
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

/** Installs the guards ahead of Grizzly's HTTP filter, and removes the filters that they replace. Immutable. */
public record GuardFilters(HandshakeGuard handshakes, FrameGuard frames) implements AddOn {
    /** Limit of one message when the setting is 0: a whole message is in memory. */
    private static final int UNLIMITED_MESSAGE_BYTES = 4 << 20;

    /** Creates both guards for the paths of the endpoints. */
    public static GuardFilters of(
            Set<Class<?>> endpoints,
            Limits limits,
            Gate gate,
            LingeringClose lingeringClose,
            Deadlines deadlines,
            InputRates rates,
            LongSupplier nanoTime,
            Hub hub) {
        ConnectionLimits connections = new ConnectionLimits(limits.maxConnections(), limits.maxConnectionsPerAddress());
        FrameGuard frames = new FrameGuard(
                effectiveLimit(limits.maxMessageBytes()),
                effectiveLimit(limits.maxUpdateBytes()),
                new UnfinishedMessages(hub.budget(), deadlines, nanoTime),
                rates,
                connections,
                hub.breaches(),
                lingeringClose);
        HandshakeGuard handshakes = new HandshakeGuard(
                new HandshakeRules(WebSocketPaths.of(endpoints), gate, hub),
                connections,
                deadlines,
                lingeringClose,
                limits.handshakeSeconds(),
                hub.budget(),
                frames::startFrames);
        return new GuardFilters(handshakes, frames);
    }

    /** Returns the size of the largest message that passes the guards. */
    public static int maxMessageBytes(Limits limits) {
        return Math.max(effectiveLimit(limits.maxMessageBytes()), effectiveLimit(limits.maxUpdateBytes()));
    }

    private static int effectiveLimit(int limit) {
        return limit == 0 ? UNLIMITED_MESSAGE_BYTES : limit;
    }

    @Override
    public void setup(NetworkListener listener, FilterChainBuilder chain) {
        int http = chain.indexOfType(HttpServerFilter.class);
        chain.add(http, frames);
        chain.add(http, handshakes);
        int tls = chain.indexOfType(SSLBaseFilter.class);
        if (tls >= 0) {
            ((SSLBaseFilter) chain.get(tls)).setRenegotiationDisabled(true); // it costs the server more than the client
        }
        remove(chain, IdleTimeoutFilter.class); // Deadlines replaces it: it must not close idle WebSockets
        remove(chain, FileCacheFilter.class); // WebPages caches its files
    }

    private static void remove(FilterChainBuilder chain, Class<? extends Filter> type) {
        int index = chain.indexOfType(type);
        if (index >= 0) {
            chain.remove(index);
        }
    }
}
