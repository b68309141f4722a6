package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.WarProcess;
import dev.tutti.store.postgres.PostgresServer;
import dev.tutti.websocket.TcpProxy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Three servers as processes, each with links of its own to one Redis and one database; to other kinds of Redis without links. Confined to a test.
 */
final class ChaosCluster implements AutoCloseable {
    private static final int SERVERS = 3;
    private static final Duration WAIT = Duration.ofSeconds(60);
    /** More than a membership without a state needs. */
    private static final int MAX_MEMBER_BYTES = 128;

    /** Far more than the servers need. */
    private static final int MAX_THREADS = 100;

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** The WAR of another version, which the servers have at first; null for none. */
    private static final @Nullable String OTHER_WAR = System.getProperty("tutti.chaos.from");

    /** A server, its port, which it keeps, its links to Redis and to the database, and its clock. */
    final class Server {
        /** Null unless there is one Redis. */
        private final @Nullable TcpProxy link;

        private final TcpProxy databaseLink;
        private final ServerClock clock;
        private WarProcess process;
        private int port;
        private boolean isOther = OTHER_WAR != null;

        private Server() throws IOException {
            link = redis.isOne() ? TcpProxy.to(redis.one().port()) : null;
            databaseLink = TcpProxy.to(database.port());
            clock = new ServerClock(directory.resolve("clock-" + servers.size()));
            process = launch();
        }

        private WarProcess launch() throws IOException {
            String[] options = {
                "--host=127.0.0.1",
                "--port=" + port,
                "--access=open",
                "--metrics-access=open",
                "--max-connections-per-address=0",
                "--max-messages-per-second=0",
                "--history=*=10000/4000000/3600",
                "--drain-seconds=1",
                "--drain-grace-seconds=0",
                "--database=" + PostgresServer.url(databaseLink.port()),
                "--cluster=" + (link == null ? redis.address() : "redis://127.0.0.1:" + link.port())
            };
            return OTHER_WAR != null && isOther
                    ? WarProcess.startWar(Path.of(OTHER_WAR), directory, options)
                    : WarProcess.startClasses(directory, setsClocks ? clock.environment() : Map.of(), options);
        }

        TcpProxy link() {
            return Objects.requireNonNull(link);
        }

        TcpProxy databaseLink() {
            return databaseLink;
        }

        ServerClock clock() {
            return clock;
        }

        void kill() {
            process.kill();
        }

        /** Starts it on its former port. */
        void start() throws IOException {
            process = launch();
            process.awaitPort();
        }

        /** Drains and ends the server, and starts it again with the other version, if there is one; returns when it is ready. */
        void replace() throws IOException, InterruptedException {
            process.terminate();
            assertThat(process.awaitExit()).as("%s", process.err()).isZero();
            isOther = !isOther;
            start();
            awaitReady();
        }

        private void awaitReady() {
            await().atMost(WAIT).until(() -> get("/health/ready").startsWith("200"));
        }

        void suspend() throws IOException, InterruptedException {
            process.suspend();
        }

        void resume() throws IOException, InterruptedException {
            process.resume();
        }

        private String get(String path) throws IOException, InterruptedException {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .build();
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + "\n" + response.body();
        }

        /** Fails if the server keeps more of these clients than their memberships, or has too many threads. */
        private void requireNoGrowth(int clients) throws IOException, InterruptedException {
            assertThat(get("/metrics").lines())
                    .filteredOn(line -> line.startsWith("tutti_budget_bytes{share=\"input\"} "))
                    .singleElement()
                    .satisfies(line -> assertThat(Double.parseDouble(line.replaceAll(".* ", "")))
                            .isLessThanOrEqualTo(clients * MAX_MEMBER_BYTES));
            try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
                assertThat(threads.count()).as("threads of a server").isLessThan(MAX_THREADS);
            }
        }
    }

    private final Path directory;
    private final Random random;
    private final ChaosRedis redis;
    private final boolean setsClocks;
    private final PostgresServer database;
    private final List<Server> servers = new ArrayList<>();

    /** Starts Redis and the database; {@link #start} must follow. */
    ChaosCluster(Path directory, Random random, ChaosRedis.Kind kind, boolean setsClocks) throws IOException {
        this.directory = directory;
        this.random = random;
        this.redis = new ChaosRedis(directory, kind);
        this.setsClocks = setsClocks;
        this.database = new PostgresServer(directory);
    }

    /** Starts the servers, and waits until they are ready. */
    void start() throws IOException {
        for (int i = 0; i < SERVERS; i++) {
            servers.add(new Server());
        }
        for (Server server : servers) {
            server.port = server.process.awaitPort();
        }
        servers.forEach(Server::awaitReady);
    }

    ChaosRedis redis() {
        return redis;
    }

    /** Returns the slots of the rooms. */
    List<Integer> slots() {
        return ChaosIT.rooms().stream().map(ChaosRedis::slot).toList();
    }

    int anySlot() {
        return slots().get(random.nextInt(slots().size()));
    }

    List<Server> servers() {
        return servers;
    }

    PostgresServer database() {
        return database;
    }

    /** Kills all servers, and starts them again. */
    void restart() throws IOException {
        servers.forEach(Server::kill);
        for (Server server : servers) {
            server.start();
        }
    }

    Server anyServer() {
        return servers.get(random.nextInt(SERVERS));
    }

    List<Integer> ports() {
        return servers.stream().map(server -> server.port).toList();
    }

    /** Waits until the servers and Redis keep nothing of what has ended. */
    void awaitNoGrowth(int clients) {
        await().atMost(WAIT).untilAsserted(() -> {
            for (Server server : servers) {
                server.requireNoGrowth(clients);
            }
            redis.requireConnections(SERVERS);
        });
    }

    @Override
    public void close() throws IOException {
        for (Server server : servers) {
            server.process.close();
            server.databaseLink.close();
            if (server.link != null) {
                server.link.close();
            }
        }
        redis.close();
        database.close();
    }
}
