package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.hub.Position;
import dev.tutti.security.UnavailableException;
import dev.tutti.standalone.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The ways to Redis: the master that Sentinel names, and TLS, also to a Redis Cluster. */
@Timeout(120)
class RedisAddressesIT {
    private static final String ROOM = "team";
    private static final Duration WAIT = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @BeforeAll
    static void requireRedis() {
        RedisServer.requireProgram();
    }

    private Path directory(String name) throws IOException {
        return Files.createDirectory(directory.resolve(name));
    }

    @Test
    void failoverThatLosesWritesBeginsAnEpoch() throws Exception {
        try (RedisServer master = RedisServer.start(directory("master"));
                RedisServer replica = RedisServer.start(
                        directory("replica"), "--replicaof", "127.0.0.1", String.valueOf(master.port()));
                RedisServer sentinel = RedisServer.startSentinel(directory("sentinel"), master)) {
            await().atMost(WAIT)
                    .until(() -> sentinel.send("SENTINEL REPLICAS main").equals("*1"));
            String address = "redis-sentinel://127.0.0.1:" + sentinel.port() + "/0#main";
            try (ClusterHub server = new ClusterHub("server", address, Map.of())) {
                server.awaitConnection();
                Position kept = awaitPublication(server, "kept");
                String stream = RoomKeys.of("test", ROOM).stream();
                await().atMost(WAIT).until(() -> replica.send("XLEN " + stream).equals(":1"));

                master.send("ACL SETUSER default -psync"); // the replica receives nothing more
                master.send("CLIENT KILL TYPE replica");
                Position lost = awaitPublication(server, "lost");
                assertThat(lost).as("the next one").isEqualTo(new Position(kept.epoch(), kept.offset() + 1));
                master.kill();

                Position after = awaitPublication(server, "after");
                assertThat(after.epoch()).as("another epoch").isNotEqualTo(lost.epoch());
                assertThat(after.offset())
                        .as("the replica does not have the second one")
                        .isEqualTo(lost.offset());
                await().atMost(WAIT).until(() -> server.cluster().problem() == null); // a refusal counts for seconds
            }
        }
    }

    /** Publishes until that succeeds. */
    private static Position awaitPublication(ClusterHub server, String data) {
        AtomicReference<@Nullable Position> published = new AtomicReference<>();
        await().atMost(WAIT).until(() -> {
            published.set(publish(server, data));
            return published.get() != null;
        });
        return published.get();
    }

    private static @Nullable Position publish(ClusterHub server, String data) throws Exception {
        try {
            return server.hub()
                    .publish(ROOM, '"' + data + '"', data)
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
        } catch (UnavailableException | ExecutionException e) {
            return null;
        }
    }

    @Test
    void tlsNeedsACertificateOfATrustedAuthority() throws Exception {
        TestCertificates certificates = TestCertificates.in(directory);
        certificates.make("localhost", "-keyalg", "EC", "-ext", "san=dns:localhost");
        Path certificate = directory.resolve("certificate");
        Path key = directory.resolve("key");
        certificates.write("localhost", certificate, key);
        int port = RedisServer.freePort();
        try (RedisServer redis = RedisServer.start(
                        directory,
                        "--tls-port",
                        String.valueOf(port),
                        "--tls-cert-file",
                        certificate.toString(),
                        "--tls-key-file",
                        key.toString(),
                        "--tls-auth-clients",
                        "no",
                        "--cluster-enabled",
                        "yes", // one master, which an address of one Redis reaches, too
                        "--tls-cluster",
                        "yes", // else it announces its port without TLS
                        "--tls-ca-cert-file",
                        certificate.toString(),
                        "--cluster-announce-hostname",
                        "localhost");
                ClusterHub trusting = new ClusterHub(
                        "trusting",
                        "rediss://localhost:" + port,
                        Map.of("cluster-authorities", certificate.toString()));
                ClusterHub inCluster = new ClusterHub(
                        "in a cluster",
                        "rediss-cluster://localhost:" + port,
                        Map.of("cluster-authorities", certificate.toString()));
                ClusterHub other = new ClusterHub("other", "rediss://localhost:" + port, Map.of())) {
            assertThat(redis.send("CLUSTER ADDSLOTSRANGE 0 16383")).isEqualTo("+OK");
            await().atMost(WAIT).until(() -> trusting.cluster().problem() == null);
            assertThat(awaitPublication(trusting, "hello").offset()).isEqualTo(1);
            assertThat(redis.send("XLEN " + RoomKeys.of("test", ROOM).stream())).isEqualTo(":1");
            await().atMost(WAIT).until(() -> inCluster.cluster().problem() == null);
            assertThat(awaitPublication(inCluster, "by slots").offset()).isEqualTo(2);
            await().atMost(WAIT)
                    .until(() -> String.valueOf(other.cluster().problem())
                            .contains("unable to find valid certification path"));
        }
    }
}
