package dev.tutti.standalone;

import org.glassfish.grizzly.filterchain.Filter;
import org.glassfish.grizzly.filterchain.FilterChainBuilder;
import org.glassfish.grizzly.http.HttpServerFilter;
import org.glassfish.grizzly.http.server.AddOn;
import org.glassfish.grizzly.http.server.FileCacheFilter;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.utils.IdleTimeoutFilter;

/** Puts the guards ahead of Grizzly's HTTP, and takes out what they make needless. Immutable. */
record Guards(HandshakeGuard handshakes) implements AddOn {
    @Override
    public void setup(NetworkListener listener, FilterChainBuilder chain) {
        int http = chain.indexOfType(HttpServerFilter.class);
        chain.add(http, handshakes);
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
