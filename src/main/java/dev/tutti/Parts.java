package dev.tutti;

import dev.tutti.cluster.Cluster;
import dev.tutti.cluster.ClusterOptions;
import dev.tutti.document.DocumentClients;
import dev.tutti.document.DocumentRelay;
import dev.tutti.document.Documents;
import dev.tutti.document.StoreException;
import dev.tutti.endpoint.BlockingWriters;
import dev.tutti.endpoint.ContainerTransports;
import dev.tutti.endpoint.PendingCloses;
import dev.tutti.endpoint.Services;
import dev.tutti.endpoint.SessionRegistry;
import dev.tutti.health.Health;
import dev.tutti.http.AccountRoute;
import dev.tutti.http.DocumentRoutes;
import dev.tutti.http.MetricsRoute;
import dev.tutti.http.Routes;
import dev.tutti.hub.Administration;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.OtherServers;
import dev.tutti.hub.Problem;
import dev.tutti.hub.RoomLogs;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import dev.tutti.metrics.Meters;
import dev.tutti.protocol.hocuspocus.HocuspocusConnections;
import dev.tutti.protocol.plain.PlainProtocol;
import dev.tutti.protocol.tuttiv1.TuttiV1;
import dev.tutti.security.Authenticator;
import dev.tutti.security.Gate;
import dev.tutti.security.Permissions;
import dev.tutti.statistics.Statistics;
import dev.tutti.store.StoreOptions;
import dev.tutti.webhook.WebhookTarget;
import dev.tutti.webhook.Webhooks;
import jakarta.websocket.Session;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The parts of the running application. This class connects them with each other, with their threads and the clock, and stops them in order. Safe
 * for any thread.
 */
public final class Parts {
    private static final Logger LOG = System.getLogger(Parts.class.getName());

    private static final int TICK_MILLIS = 500;

    /** When the libraries of metrics load: after the start of the server, which would wait for the processors. */
    private static final long METERS_NANOS = 500_000_000;

    /** How long a stop waits for documents to be stored; a healthy store needs almost none of it. */
    private static final int STORE_MILLIS = 5_000;

    /** How long a stop waits for the receiver of webhooks, and again for the disk. */
    private static final int WEBHOOK_MILLIS = 500;

    /** Bits of a hub's name, which make 8 characters. */
    private static final int NAME_BITS = 41;

    private final Threads threads = new Threads();
    private final Meters meters = new Meters(List.of(
            PlainProtocol.INSTANCE,
            PlainProtocol.OF_ROOM,
            TuttiV1.PROTOCOL,
            DocumentClients.Y_WEBSOCKET,
            DocumentClients.HOCUSPOCUS));
    private final PendingCloses pendingCloses = new PendingCloses(threads.closes());
    private final Hub hub;
    private final Documents documents;
    private final HocuspocusConnections hocuspocus;
    private final Authenticator authenticator;
    private final Administration administration;
    private final Listeners listeners;
    private final Drain drain;
    private final Health health;
    private final Statistics statistics;
    private final Storage storage;
    /** Null if this server is alone. */
    private final @Nullable Cluster cluster;

    /** Null unless a receiver is set; written once, before the server accepts clients. */
    private volatile @Nullable Webhooks webhooks;

    private Parts(
            Limits limits,
            Gate gate,
            Permissions permissions,
            Storage storage,
            ClusterOptions clusterOptions,
            CloseCode drainCode) {
        this.storage = storage;
        cluster = clusterOptions.isAlone() ? null : openCluster(clusterOptions);
        hub = new Hub(
                limits, uniqueName(), threads.rooms(), threads.roomThreads(), TimeSource.SYSTEM, meters.hub(), logs());
        documents = new Documents(
                limits,
                hub.budget(),
                storage.documents(),
                threads.rooms(),
                TimeSource.SYSTEM,
                threads::schedule,
                hub.events(),
                meters.documents(storage.documents()),
                documentRelay(storage));
        meters.read(hub, documents, gate);
        listeners = new Listeners(hub, threads.observers());
        authenticator = new Authenticator(gate, gate.revocations().restrict(permissions));
        administration = new Administration(hub, gate.revocations(), permissions, others());
        if (cluster != null) {
            cluster.serve(administration, gate.revocations(), clusterOptions.revocationAge());
        }
        hocuspocus = new HocuspocusConnections(documents, limits, authenticator, TimeSource.SYSTEM);
        drain = new Drain(hub, threads::schedule, drainCode);
        health = new Health(hub, drain, storage::probe, clusterProblem(), TimeSource.SYSTEM, threads::schedule);
        statistics = new Statistics(hub, documents, meters::totals, threads.background(), TimeSource.SYSTEM);
        threads.repeat(hub::tick, TICK_MILLIS);
        threads.repeat(documents::tick, TICK_MILLIS);
        threads.repeat(hocuspocus::tick, TICK_MILLIS);
        threads.repeat(health::tick, TICK_MILLIS);
        threads.repeat(statistics::tick, TICK_MILLIS);
        threads.schedule(() -> threads.background().execute(meters::open), METERS_NANOS);
        threads.repeat(storage::tick, TICK_MILLIS);
        permissions.start(threads.policies(), threads.rooms());
        threads.repeat(() -> gate.tick(threads.background()), TICK_MILLIS);
        threads.repeat(() -> permissions.tick(threads.background(), administration::reauthorizeAll), TICK_MILLIS);
    }

    /**
     * Opens the store, and starts all parts; no endpoint serves them before {@link #serve}.
     *
     * @param drainCode closes clients that must move to another server
     * @throws StoreException if documents, or the histories of rooms, cannot be stored there; the message says why
     */
    static Parts start(
            Limits limits,
            Gate gate,
            Permissions permissions,
            StoreOptions options,
            ClusterOptions cluster,
            CloseCode drainCode) {
        return new Parts(limits, gate, permissions, Storage.open(options, !cluster.isAlone()), cluster, drainCode);
    }

    private RoomLogs logs() {
        return cluster == null ? storage.logs() : cluster;
    }

    /** Returns the relay to the other servers; null if documents are this server's alone. */
    private @Nullable DocumentRelay documentRelay(Storage opened) {
        if (cluster == null) {
            return null;
        }
        if (!opened.isShared()) {
            LOG.log(
                    Level.WARNING,
                    "documents are those of this server alone: set database to one that all servers of the cluster use");
            return null;
        }
        LOG.log(Level.INFO, "documents are shared with the other servers that use the same database");
        return cluster.documents();
    }

    private OtherServers others() {
        return cluster == null ? OtherServers.NONE : cluster;
    }

    private Cluster openCluster(ClusterOptions options) {
        Cluster opened = Cluster.of(options, meters.cluster(), TimeSource.SYSTEM, threads::schedule);
        meters.clusterState(opened::lagNanos, opened::partsAway);
        threads.repeat(opened::tick, TICK_MILLIS);
        return opened;
    }

    private @Nullable Supplier<@Nullable Problem> clusterProblem() {
        return cluster == null ? null : cluster::problem;
    }

    /** Makes the endpoints serve these parts, with transports as in {@link Services}. */
    void serve(Function<Session, Transport> transports) {
        SessionRegistry.serve(new Services(hub, documents, hocuspocus, authenticator, transports));
    }

    /** Returns transports on Jakarta's API alone. */
    Function<Session, Transport> containerTransports() {
        BlockingWriters writers = new BlockingWriters(threads.writers(), threads.writerThreads(), threads::schedule);
        return new ContainerTransports(threads.pings(), pendingCloses, writers, TimeSource.SYSTEM, new SecureRandom());
    }

    /**
     * Sends events to a receiver from now on. Called once, before the server accepts clients.
     *
     * @param directory that keeps the events that wait; null to keep them in memory
     */
    public void sendWebhooks(WebhookTarget target, @Nullable Path directory) {
        Webhooks opened =
                Webhooks.open(target, directory, hub, TimeSource.SYSTEM, threads.webhooks(), threads.background());
        webhooks = opened;
        meters.webhooks(opened.counts());
        hub.events().add(opened);
        threads.repeat(opened::tick, TICK_MILLIS);
    }

    /** Returns the routes of HTTP requests to these parts. */
    public Routes routes(
            DocumentRoutes.Options documentOptions,
            AccountRoute.Options accountOptions,
            Drain.Options drainOptions,
            MetricsRoute.Options metricsOptions) {
        return Routes.of(
                        hub,
                        documents,
                        administration,
                        authenticator,
                        health,
                        drain,
                        statistics,
                        documentOptions,
                        accountOptions,
                        drainOptions)
                .with(new MetricsRoute(authenticator, meters::write, metricsOptions), meters::requestAnswered);
    }

    /** Returns the rooms and the clients. */
    public Hub hub() {
        return hub;
    }

    /** Returns the documents. */
    public Documents documents() {
        return documents;
    }

    /** Returns the connections of Hocuspocus's provider. */
    public HocuspocusConnections hocuspocus() {
        return hocuspocus;
    }

    /** Returns the part that moves all clients to another server. */
    public Drain drain() {
        return drain;
    }

    /** Returns the closes of sessions that have not returned; empty on the standalone server. */
    public PendingCloses pendingCloses() {
        return pendingCloses;
    }

    Administration administration() {
        return administration;
    }

    Meters meters() {
        return meters;
    }

    Listeners listeners() {
        return listeners;
    }

    Threads threads() {
        return threads;
    }

    /** Closes all clients with 1001, stores the documents and ends the threads; see {@link Tutti#stop}. Called once. */
    void stop(long millis) throws InterruptedException {
        hub.close();
        SessionRegistry.awaitEmpty(millis);
        storage.closeBackups();
        documents.close(STORE_MILLIS);
        storage.closeHistory(STORE_MILLIS);
        Webhooks sending = webhooks;
        if (sending != null) {
            sending.close(WEBHOOK_MILLIS); // after the last events of documents
        }
        if (cluster != null) {
            cluster.close();
        }
        authenticator.permissions().stop();
        threads.stop();
        meters.close();
    }

    /** Returns a name that no other hub has: ids and epochs begin with it. */
    private static String uniqueName() {
        return new BigInteger(NAME_BITS, new SecureRandom()).toString(Character.MAX_RADIX);
    }
}
