package dev.tutti.cluster;

import dev.tutti.hub.TimeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A connection to each master of a Redis Cluster. Guarded by {@link SlotNodes}. */
final class NodeLinks {
    /** A connection to a node that is no master any more stays for so long: calls may be under way. More than the time between two reads of the slots. */
    private static final long LINGER_NANOS = 30_000_000_000L;

    /** A connection that is opened again when it ends, and when it was opened. */
    static final class Link {
        private final ClusterConnection connection;
        private boolean isOpen;
        private long openedNanos;
        /** When the node was a master last. */
        private long usedNanos;

        private Link(ClusterConnection connection, long now) {
            this.connection = connection;
            this.usedNanos = now;
        }

        ClusterConnection connection() {
            return connection;
        }

        void opened(long nowNanos) {
            isOpen = true;
            openedNanos = nowNanos;
        }

        void ended() {
            isOpen = false;
        }
    }

    private final Function<NodeAddress, ClusterConnection> connector;
    private final TimeSource time;
    private final Map<NodeAddress, Link> links = new HashMap<>();

    NodeLinks(Function<NodeAddress, ClusterConnection> connector, TimeSource time) {
        this.connector = connector;
        this.time = time;
    }

    /** Adds the links to nodes that have none, and returns them: they must be started. */
    List<Link> open(Collection<NodeAddress> nodes) {
        List<Link> opened = new ArrayList<>();
        for (NodeAddress node : nodes) {
            Link link = links.computeIfAbsent(node, address -> {
                Link added = new Link(connector.apply(address), time.nanos());
                opened.add(added);
                return added;
            });
            link.usedNanos = time.nanos();
        }
        return opened;
    }

    /** Returns the connection to a node; null while there is none. */
    @Nullable
    Redis current(NodeAddress node) {
        Link link = links.get(node);
        return link == null ? null : link.connection.current();
    }

    @Nullable
    ClusterConnection connection(NodeAddress node) {
        Link link = links.get(node);
        return link == null ? null : link.connection;
    }

    /** Returns whether the present connection to a node was open at a time. */
    boolean wasOpen(NodeAddress node, long nanos) {
        Link link = links.get(node);
        return link != null && link.isOpen && nanos - link.openedNanos >= 0;
    }

    /** Removes the links to nodes that are no masters any more, and returns them: they must be closed. */
    List<ClusterConnection> removeUnused(Set<NodeAddress> used) {
        List<ClusterConnection> removed = new ArrayList<>();
        links.entrySet().removeIf(entry -> {
            Link link = entry.getValue();
            boolean isUnused = !used.contains(entry.getKey()) && time.nanos() - link.usedNanos >= LINGER_NANOS;
            if (isUnused) {
                removed.add(link.connection);
            }
            return isUnused;
        });
        return removed;
    }

    List<ClusterConnection> all() {
        return links.values().stream().map(Link::connection).toList();
    }
}
