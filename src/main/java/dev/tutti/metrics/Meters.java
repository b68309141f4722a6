package dev.tutti.metrics;

import dev.tutti.cluster.ClusterMetrics;
import dev.tutti.document.DocumentMetrics;
import dev.tutti.document.DocumentStore;
import dev.tutti.document.Documents;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Metrics;
import dev.tutti.hub.Protocol;
import dev.tutti.security.Gate;
import dev.tutti.security.TokenResult;
import dev.tutti.statistics.Totals;
import dev.tutti.webhook.WebhookCounts;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All meters of an application: in a registry of its own, which Prometheus reads, and in those that other code of the same WAR adds. Safe for any
 * thread.
 */
public final class Meters implements AutoCloseable {
    private static final Totals.Store NO_STORE = new Totals.Store("none", 0, 0, 0);

    private final Registries registries = new Registries();
    private final Counts counts = new Counts(registries);
    private final HubMeters hub;
    /** By route and status, which are few. */
    private final ConcurrentMap<Request, Histogram> requests = new ConcurrentHashMap<>();

    private volatile Supplier<Totals.Store> storeTotals = () -> NO_STORE;
    private volatile Supplier<Totals.@Nullable Webhooks> webhookTotals = () -> null;

    private record Request(String route, int status) {}

    /** Registers the meters of a hub with clients of these protocols. */
    public Meters(Collection<Protocol> protocols) {
        hub = new HubMeters(counts, List.copyOf(protocols));
    }

    /** Loads what a first recorded duration, or a first reader, would wait for; about a tenth of a second. */
    public void open() {
        registries.open();
    }

    /** Returns the receiver of the counts of a hub. */
    public Metrics hub() {
        return hub;
    }

    /** Registers the meters of documents, and returns the receiver of their counts; called once. */
    public DocumentMetrics documents(DocumentStore store) {
        counts.gauge(store::lagBytes, "store.lag.bytes", "Bytes of accepted changes that are not committed");
        DocumentMeters documents = new DocumentMeters(counts, hub, store.kind());
        storeTotals = () -> documents.totals(store);
        return documents;
    }

    /** Registers the meters that read the counters of the application's parts; called once. */
    public void read(Hub from, Documents documents, Gate gate) {
        Budget budget = from.budget();
        counts.gauge(from::roomCount, "rooms", "Rooms");
        counts.gauge(from::waitingBytes, "outbox.bytes", "Bytes that wait for slow clients, for each client");
        counts.gauge(() -> budget.usedBytes(Budget.Share.HISTORY), "history.bytes", "Bytes of histories of rooms");
        counts.gauge(documents::count, "documents.open", "Documents that are live");
        counts.gauge(() -> budget.usedBytes(Budget.Share.DOCUMENTS), "documents.bytes", "Bytes of documents in memory");
        for (Budget.Share share : Budget.Share.values()) {
            String label = share.label();
            counts.gauge(() -> budget.usedBytes(share), "budget.bytes", "Used bytes of a share", "share", label);
            counts.gauge(
                    () -> budget.limitBytes(share), "budget.limit.bytes", "Limit of a share in bytes", "share", label);
            counts.counter(
                    () -> budget.breaches(share), "budget.refusals", "Refused reservations of a share", "share", label);
        }
        for (TokenResult result : TokenResult.values()) {
            counts.counter(() -> gate.tokens(result), "authentications", "Tokens by result", "result", result.label());
        }
        counts.counter(gate.revocations()::total, "revocations", "Revocations of tokens");
    }

    /** Registers the meters of webhooks; called once, if there is a receiver. */
    public void webhooks(WebhookCounts webhooks) {
        webhookTotals = () -> new Totals.Webhooks(
                webhooks.queuedBytes(), webhooks.delivered(), webhooks.failed(), webhooks.dropped());
        String name = "webhook.deliveries";
        String description = "Attempts to deliver webhooks, and dropped events";
        counts.counter(webhooks::delivered, name, description, "result", "delivered");
        counts.counter(webhooks::failed, name, description, "result", "failed");
        counts.counter(webhooks::dropped, name, description, "result", "dropped");
        counts.gauge(webhooks::queuedBytes, "webhook.queue.bytes", "Bytes of events that wait for their receiver");
    }

    /** Registers the meters of the calls of Redis, and returns the receiver of their counts; called once, if there is a cluster. */
    public ClusterMetrics cluster() {
        return new ClusterMeters(counts);
    }

    /** Registers the meters that read the state of the cluster; called once. */
    public void clusterState(LongSupplier lagNanos, LongSupplier partsAway) {
        counts.gaugeSeconds(lagNanos, "cluster.lag", "Time of the last probe from this server through Redis and back");
        counts.gauge(partsAway, "cluster.parts.away", "Parts of Redis that take no messages of rooms");
    }

    /** Records an HTTP request; {@code route} is one of a bounded number. */
    public void requestAnswered(String route, int status, long nanos) {
        requests.computeIfAbsent(
                        new Request(route, status),
                        request -> counts.durations(
                                "http.request.duration",
                                "Time from an HTTP request to its response",
                                "route",
                                route,
                                "status",
                                String.valueOf(status)))
                .record(nanos);
    }

    /** Returns the counts for those who administer the server. */
    public Totals totals() {
        return hub.totals(storeTotals.get(), webhookTotals.get());
    }

    /**
     * Adds all meters to a registry, such as the one of the application that Tutti is a part of: now, and later ones when they come. They stay
     * until {@link #close}.
     */
    public void addTo(MeterRegistry registry) {
        registries.add(registry);
    }

    /** Finds the objects of a type that an application provides. */
    @FunctionalInterface
    public interface Provided {
        /** Returns the objects; empty for none. */
        <T> List<T> of(Class<T> type);
    }

    /** Adds all meters to each registry that an application provides; otherwise as {@link #addTo}. */
    public void addToAll(Provided objects) {
        objects.of(MeterRegistry.class).forEach(this::addTo);
    }

    /** Returns the values of all meters as text, in the format of a media type of Prometheus or OpenMetrics. */
    public String write(String contentType) {
        return registries.write(contentType);
    }

    /** Removes the meters from the registries of other code. */
    @Override
    public void close() {
        registries.close();
    }
}
