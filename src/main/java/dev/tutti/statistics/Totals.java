package dev.tutti.statistics;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The counts of the server since its start, and a few numbers that may fall, at one moment. Immutable.
 *
 * @param endpoints in the order of their paths
 * @param protocols in the order of their names
 * @param closed connections that have ended
 * @param memberships of clients in rooms, now
 * @param publications in rooms; one that went to a hundred clients counts once
 * @param frames handed to clients
 * @param bytes of these frames
 * @param evictions of slow clients that were closed to free memory
 * @param webhooks null if there is no receiver
 */
public record Totals(
        List<Endpoint> endpoints,
        List<Traffic> protocols,
        long closed,
        long memberships,
        long publications,
        long frames,
        long bytes,
        long evictions,
        Store store,
        @Nullable Webhooks webhooks) {
    /** The connections of an endpoint: those that are open now, and all accepted ones. */
    public record Endpoint(String endpoint, long open, long accepted) {}

    /** Messages of clients with a protocol, and deliveries to them: one publication to a hundred clients counts a hundred. */
    public record Traffic(String protocol, long received, long deliveries) {}

    /** The store of documents: bytes of changes that wait for a commit, and the commits that succeeded and failed. */
    public record Store(String kind, long lagBytes, long commits, long failures) {}

    /** Bytes of events that wait for the receiver, delivered events, failed attempts, and dropped events. */
    public record Webhooks(long queuedBytes, long delivered, long failed, long dropped) {}

    /** Copies the lists. */
    public Totals {
        endpoints = List.copyOf(endpoints);
        protocols = List.copyOf(protocols);
    }

    /** Returns the open connections of all endpoints. */
    public long open() {
        return endpoints.stream().mapToLong(Endpoint::open).sum();
    }

    /** Returns the messages of all protocols. */
    public long received() {
        return protocols.stream().mapToLong(Traffic::received).sum();
    }

    /** Returns the deliveries of all protocols. */
    public long deliveries() {
        return protocols.stream().mapToLong(Traffic::deliveries).sum();
    }
}
