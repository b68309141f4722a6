package dev.tutti.cluster;

import static org.awaitility.Awaitility.await;

import dev.tutti.document.DocumentMetrics;
import dev.tutti.document.DocumentStore;
import dev.tutti.document.Documents;
import dev.tutti.hub.Administration;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Metrics;
import dev.tutti.hub.TimeSource;
import dev.tutti.security.Permissions;
import dev.tutti.security.Revocations;
import dev.tutti.settings.Settings;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The rooms of one server of a cluster, without a network but that to Redis. Safe for any thread. */
final class ClusterHub implements AutoCloseable {
    static final Duration REVOCATION_AGE = Duration.ofDays(30);

    private static final long TICK_MILLIS = 100;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);
    private final Cluster cluster;
    private final Hub hub;
    private final Revocations revocations = new Revocations();
    private final Administration administration;

    /** @param settings other limits than the defaults, and the authorities of TLS */
    ClusterHub(String name, String address, Map<String, String> settings) {
        this(name, address, settings, ClusterMetrics.NONE);
    }

    ClusterHub(String name, String address, Map<String, String> settings, ClusterMetrics metrics) {
        cluster = new Cluster(
                "test",
                name,
                RedisAddress.open(
                        address,
                        settings.getOrDefault("cluster-authorities", ""),
                        "test",
                        TimeSource.SYSTEM,
                        this::schedule),
                metrics,
                TimeSource.SYSTEM,
                this::schedule,
                () -> 0);
        hub = new Hub(
                Settings.read(Limits.class, settings::get), name, threads, 2, TimeSource.SYSTEM, Metrics.NONE, cluster);
        administration = new Administration(hub, revocations, Permissions.ALLOW_ALL, cluster);
        cluster.serve(administration, revocations, REVOCATION_AGE);
        var unused = threads.scheduleWithFixedDelay(cluster::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void schedule(Runnable task, long delayNanos) {
        var unused = threads.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    /** Returns the documents of this server, which it shares with the others. Called once; {@link #close} does not close them. */
    Documents documents(DocumentStore store) {
        Documents documents = new Documents(
                hub.limits(),
                hub.budget(),
                store,
                threads,
                TimeSource.SYSTEM,
                this::schedule,
                hub.events(),
                DocumentMetrics.NONE,
                cluster.documents());
        var unused = threads.scheduleWithFixedDelay(documents::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        return documents;
    }

    Hub hub() {
        return hub;
    }

    Administration administration() {
        return administration;
    }

    Revocations revocations() {
        return revocations;
    }

    Cluster cluster() {
        return cluster;
    }

    ScheduledExecutorService threads() {
        return threads;
    }

    void awaitConnection() {
        await().until(() -> cluster.problem() == null);
    }

    @Override
    public void close() {
        hub.close();
        cluster.close();
        threads.shutdownNow();
    }
}
