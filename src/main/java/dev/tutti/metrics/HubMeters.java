package dev.tutti.metrics;

import dev.tutti.hub.CloseCode;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.Metrics;
import dev.tutti.hub.Protocol;
import dev.tutti.statistics.Totals;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts connections, messages and deliveries. Safe for any thread. */
final class HubMeters implements Metrics {
    /** The label of a connection that the peer closed, or that broke. */
    private static final String BY_PEER = "peer";

    /** The counts of one endpoint. */
    private record Connections(LongAdder accepted, LongAdder open) {}

    /** The counts of one protocol. */
    private record Traffic(LongAdder received, LongAdder deliveries) {}

    private final Counts counts;
    private final ConcurrentMap<String, Connections> connections = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Traffic> traffic = new ConcurrentHashMap<>();
    private final Map<CloseCode, LongAdder> closed = new EnumMap<>(CloseCode.class);
    private final Map<LimitBreach, LongAdder> breaches = new EnumMap<>(LimitBreach.class);
    private final LongAdder closedByPeer;
    private final LongAdder evictions;
    private final LongAdder members = new LongAdder();
    private final LongAdder recovered;
    private final LongAdder notRecovered;
    private final LongAdder publications;
    private final LongAdder frames;
    private final LongAdder bytes;
    private final Histogram publishing;
    private final Histogram roomRuns;
    private final Histogram listenerRuns;

    /**
     * Registers the meters, each with all its labels, so that a rate sees the first event.
     *
     * @param protocols of the endpoints
     */
    HubMeters(Counts counts, Collection<Protocol> protocols) {
        this.counts = counts;
        protocols.forEach(protocol -> {
            connections(protocol);
            traffic(protocol);
        });
        for (CloseCode code : CloseCode.values()) {
            closed.put(code, closes(String.valueOf(code.code())));
        }
        closedByPeer = closes(BY_PEER);
        for (LimitBreach breach : LimitBreach.values()) {
            String limit = breach.name().toLowerCase(Locale.ROOT);
            breaches.put(breach, counts.counter("limit.breaches", "Times a client exceeded a limit", "limit", limit));
        }
        evictions = counts.counter("outbox.evictions", "Clients closed to free output memory");
        counts.gauge(members::sum, "room.members", "Memberships in rooms");
        recovered = recoveries(true);
        notRecovered = recoveries(false);
        publications = counts.counter("publications", "Publications in rooms");
        frames = counts.counter("frames.sent", "Frames handed to clients");
        bytes = counts.counter("bytes.sent", "Bytes of the frames handed to clients");
        publishing = counts.durations(
                "publish.duration", "Time from accepting a publication to handing it to clients; longest of each run");
        roomRuns = counts.runs("room");
        listenerRuns = counts.runs("listener");
    }

    private LongAdder closes(String code) {
        return counts.counter("connections.closed", "Ended connections", "code", code);
    }

    private LongAdder recoveries(boolean success) {
        return counts.counter(
                "recoveries", "Joins that named the last received publication", "recovered", String.valueOf(success));
    }

    private Connections connections(Protocol protocol) {
        return connections.computeIfAbsent(protocol.endpoint(), endpoint -> {
            LongAdder open = new LongAdder();
            counts.gauge(open::sum, "connections", "Open connections", "endpoint", endpoint);
            return new Connections(
                    counts.counter("connections.accepted", "Accepted connections", "endpoint", endpoint), open);
        });
    }

    private Traffic traffic(Protocol protocol) {
        return traffic.computeIfAbsent(
                protocol.name(),
                name -> new Traffic(
                        counts.counter("messages.received", "Messages within the rate of a client", "protocol", name),
                        counts.counter(
                                "deliveries",
                                "Publications and document updates handed to clients, once for each client",
                                "protocol",
                                name)));
    }

    /** Returns the counts, with those of a store and of webhooks. */
    Totals totals(Totals.Store store, Totals.@Nullable Webhooks webhooks) {
        return new Totals(
                connections.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(of -> new Totals.Endpoint(
                                of.getKey(),
                                of.getValue().open.sum(),
                                of.getValue().accepted.sum()))
                        .toList(),
                traffic.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(of -> new Totals.Traffic(
                                of.getKey(),
                                of.getValue().received.sum(),
                                of.getValue().deliveries.sum()))
                        .toList(),
                closedByPeer.sum()
                        + closed.values().stream().mapToLong(LongAdder::sum).sum(),
                members.sum(),
                publications.sum(),
                frames.sum(),
                bytes.sum(),
                evictions.sum(),
                store,
                webhooks);
    }

    @Override
    public void connectionOpened(Protocol protocol) {
        Connections ofEndpoint = connections(protocol);
        ofEndpoint.accepted.increment();
        ofEndpoint.open.increment();
    }

    @Override
    public void connectionClosed(Protocol protocol, @Nullable CloseCode code) {
        connections(protocol).open.decrement();
        (code == null ? closedByPeer : Objects.requireNonNull(closed.get(code))).increment();
    }

    @Override
    public void limitBreached(LimitBreach breach) {
        Objects.requireNonNull(breaches.get(breach)).increment();
    }

    @Override
    public void clientEvicted() {
        evictions.increment();
    }

    @Override
    public void messageReceived(Protocol protocol) {
        traffic(protocol).received.increment();
    }

    @Override
    public void membersAdded(int memberships) {
        members.add(memberships);
    }

    @Override
    public void recovery(boolean success) {
        (success ? recovered : notRecovered).increment();
    }

    @Override
    public void published(int count, long ofBytes) {
        publications.add(count);
    }

    @Override
    public void delivered(Protocol protocol, long items) {
        traffic(protocol).deliveries.add(items);
    }

    @Override
    public void sent(long ofFrames, long ofBytes) {
        frames.add(ofFrames);
        bytes.add(ofBytes);
    }

    @Override
    public void publishTook(long nanos) {
        publishing.record(nanos);
    }

    @Override
    public void roomRunTook(long nanos) {
        roomRuns.record(nanos);
    }

    @Override
    public void listenerRunTook(long nanos) {
        listenerRuns.record(nanos);
    }
}
