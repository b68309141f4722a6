package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.WarProcess;
import dev.tutti.hub.Position;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three servers share one Redis, while the servers and Redis are killed. */
@Timeout(180)
class ClusterIT {
    private static final int SERVERS = 3;
    private static final int CLIENTS = 30;
    private static final String ROOM = "team";
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    Path directory;

    private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2);
    private final ClusterRecord record = new ClusterRecord();
    private final List<WarProcess> servers = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final List<ClusterClient> clients = new ArrayList<>();
    private int published;

    @AfterEach
    void stop() {
        clients.forEach(ClusterClient::close);
        scheduler.shutdownNow();
        servers.forEach(WarProcess::close);
    }

    @Test
    void deathsOfServersAndOfRedisLoseNothing() throws Exception {
        try (RedisServer redis = RedisServer.start(directory, "--appendonly", "yes")) {
            for (int i = 0; i < SERVERS; i++) {
                servers.add(WarProcess.startClasses(
                        directory,
                        "--host=127.0.0.1",
                        "--port=0",
                        "--access=open",
                        "--max-connections-per-address=0",
                        "--max-messages-per-second=0",
                        "--cluster=" + redis.address()));
            }
            for (WarProcess server : servers) {
                ports.add(server.awaitPort());
            }
            awaitHealth(0, 200);
            connectClients();
            publishFromAll();
            awaitDone();
            awaitMembers();

            servers.get(1).kill();
            long killed = System.nanoTime();
            publishFromAll();
            awaitDone();
            awaitMembers();
            System.out.println("cluster: lists without the members of a dead server after "
                    + Duration.ofNanos(System.nanoTime() - killed).toMillis() + " ms");
            assertThat(record.recoveriesElsewhere()).isPositive();
            assertThat(record.losses())
                    .as("told losses without a fault of Redis")
                    .isZero();

            redis.kill();
            publishFromAll();
            await().atMost(WAIT).until(() -> record.refusals() > 0);
            awaitHealth(0, 503);
            redis.start();
            awaitHealth(0, 200);
            publishFromAll();
            awaitDone();
            assertThat(record.losses())
                    .as("every client was told of the new epoch")
                    .isEqualTo(CLIENTS);
            awaitMembers();
        }
        System.out.println("cluster: " + record);
    }

    private void connectClients() {
        long seed = System.nanoTime();
        for (int i = 0; i < CLIENTS; i++) {
            ClusterClient client =
                    new ClusterClient("client-" + i, ROOM, ports, i % SERVERS, record, scheduler, new Random(seed + i));
            clients.add(client);
            client.connect();
        }
        await().atMost(WAIT).until(() -> clients.stream().allMatch(client -> client.doneAt() != null));
    }

    private void publishFromAll() {
        for (int i = 0; i < 5; i++) {
            int number = published++;
            clients.forEach(client -> client.publish(client.hashCode() + ":" + number));
        }
    }

    /** Waits until everything is acknowledged and all clients are at one position, and checks what they have seen. */
    private void awaitDone() {
        await().atMost(WAIT).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
            Set<Position> positions =
                    clients.stream().map(ClusterClient::doneAt).collect(Collectors.toSet());
            assertThat(positions).as("%s, %s", record, clients).hasSize(1).doesNotContainNull();
        });
        Position last = clients.get(0).doneAt();
        assertThat(record.faults()).isEmpty();
        await().atMost(WAIT)
                .until(() -> record.missing(last.epoch())
                        .isEmpty()); // of those that nobody received live, the history tells
        assertThat(record.acknowledgements()).isEqualTo(CLIENTS * published);
    }

    /** Waits until all clients have one list of members: themselves. */
    private void awaitMembers() {
        await().atMost(WAIT).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
            Set<String> all = clients.stream().map(ClusterClient::id).collect(Collectors.toSet());
            assertThat(all).hasSize(CLIENTS).doesNotContain("");
            assertThat(clients)
                    .allSatisfy(client -> assertThat(client.members())
                            .as("%s, which is %s", client, client.id())
                            .isEqualTo(all));
        });
        assertThat(record.faults()).isEmpty();
    }

    private void awaitHealth(int server, int status) {
        await().atMost(WAIT).pollInterval(Duration.ofMillis(50)).until(() -> health(server) == status);
    }

    private int health(int server) throws IOException, InterruptedException {
        return HTTP.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.get(server) + "/health/ready"))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
