package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.WarProcess;
import dev.tutti.hub.Position;
import dev.tutti.store.postgres.PostgresServer;
import dev.tutti.websocket.TcpProxy;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
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
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Three servers as processes, each with a link of its own to one Redis, or all with a Redis Cluster, and with one database. Confined to a test.
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

    /** A server, its port, which it keeps, and its link to Redis. */
    final class Server {
        private final @Nullable TcpProxy link;
        private WarProcess process;
        private int port;
        private boolean isOther = OTHER_WAR != null;

        private Server() throws IOException {
            link = redis == null ? null : TcpProxy.to(redis.port());
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
                "--database=" + database.url(),
                "--cluster=" + (link == null ? masters().address() : "redis://127.0.0.1:" + link.port())
            };
            return OTHER_WAR != null && isOther
                    ? WarProcess.startWar(Path.of(OTHER_WAR), directory, options)
                    : WarProcess.startClasses(directory, options);
        }

        TcpProxy link() {
            return Objects.requireNonNull(link);
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
    /** Null with a Redis Cluster. */
    private final @Nullable RedisServer redis;
    /** Null with one Redis. */
    private final @Nullable RedisMasters masters;

    private final PostgresServer database;
    private final List<Server> servers = new ArrayList<>();

    /** Starts Redis and the database; {@link #start} must follow. */
    ChaosCluster(Path directory, Random random, boolean isRedisCluster) throws IOException {
        this.directory = directory;
        this.random = random;
        this.masters = isRedisCluster ? RedisMasters.start(directory) : null;
        this.redis = isRedisCluster ? null : start(directory);
        this.database = new PostgresServer(directory);
    }

    private static RedisServer start(Path directory) throws IOException {
        return RedisServer.start(
                directory,
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
                "--auto-aof-rewrite-percentage",
                "0",
                "--enable-debug-command",
                "local");
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

    RedisServer redis() {
        return Objects.requireNonNull(redis);
    }

    RedisMasters masters() {
        return Objects.requireNonNull(masters);
    }

    /** Returns the slots of the rooms. */
    List<Integer> slots() {
        return ChaosIT.rooms().stream().map(ChaosCluster::slot).toList();
    }

    int anySlot() {
        return slots().get(random.nextInt(slots().size()));
    }

    private static int slot(String room) {
        return RedisMasters.slot(RoomKeys.of("tutti", room).state());
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
            if (masters == null) {
                requireNoMoreConnections();
            }
        });
    }

    private void requireNoMoreConnections() {
        try (RedisClient client = RedisClient.create(redis().address());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            assertThat(connection.sync().clientList().lines())
                    .as("connections to Redis")
                    .hasSize(SERVERS + 1);
        }
    }

    /** The content of a room in Redis: its position, and the data by offset. */
    record Content(Position top, SortedMap<Long, String> retained) {}

    Content read(String room) {
        RoomKeys keys = RoomKeys.of("tutti", room);
        SortedMap<Long, String> retained = new TreeMap<>();
        String address = masters == null ? redis().address() : masters.addressOf(slot(room));
        try (RedisClient client = RedisClient.create(address);
                StatefulRedisConnection<String, byte[]> connection =
                        client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE))) {
            RedisCommands<String, byte[]> commands = connection.sync();
            Map<String, byte[]> state = commands.hgetall(keys.state());
            for (StreamMessage<String, byte[]> message : commands.xrange(keys.stream(), Range.unbounded())) {
                long offset = Long.parseLong(message.getId().replaceAll("-.*", ""));
                String json = Entry.decode(message.getBody().get("p"), offset, 0)
                        .publication()
                        .data();
                retained.put(offset, json.substring(1, json.length() - 1)); // a string without escapes
            }
            Position top = new Position(ScriptAnswers.text(state.get("epoch")), ScriptAnswers.number(state.get("top")));
            return new Content(top, retained);
        }
    }

    @Override
    public void close() throws IOException {
        for (Server server : servers) {
            server.process.close();
            if (server.link != null) {
                server.link.close();
            }
        }
        if (redis != null) {
            redis.close();
        }
        if (masters != null) {
            masters.close();
        }
        database.close();
    }
}
