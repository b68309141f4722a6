package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.tutti.hub.Administration;
import dev.tutti.hub.Batch;
import dev.tutti.hub.Client;
import dev.tutti.hub.ClientDirectory;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.OtherServers.Texts;
import dev.tutti.hub.OtherServers.Topic;
import dev.tutti.hub.Page;
import dev.tutti.hub.Transport;
import dev.tutti.protocol.tuttiv1.TuttiV1;
import dev.tutti.security.Access;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Revocation;
import dev.tutti.security.Revocation.Kind;
import dev.tutti.security.UnavailableException;
import dev.tutti.security.Way;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Commands of administrators on several servers in one JVM, on one Redis. */
class ClusterCommandsIT extends ClusterServers {
    private static final Duration WAIT = Duration.ofSeconds(30);

    /** When the token of the user was issued. */
    private final Instant issued = Instant.now().minusSeconds(60);

    private ClusterHub server() {
        ClusterHub server = start(Map.of(), ClusterMetrics.NONE);
        server.awaitConnection();
        return server;
    }

    private Identity ann() {
        return new Identity(Way.TOKEN, "ann", Set.of(), Map.of("jti", "t-1", "iat", issued.toString()), null);
    }

    /** A connection that takes each frame at once. */
    private static final class Connection implements Transport {
        private final AtomicReference<@Nullable CloseCode> code = new AtomicReference<>();

        @Override
        public int send(Batch batch, int from, Completion done) {
            done.done(null);
            return batch.size();
        }

        @Override
        public void ping(Runnable handedOver) {
            handedOver.run();
        }

        @Override
        public void close(CloseCode closeCode, String reason) {
            code.set(closeCode);
        }
    }

    private Client connect(ClusterHub server, Connection connection) {
        return connect(server, connection, Permissions.ALLOW_ALL);
    }

    private Client connect(ClusterHub server, Connection connection, Permissions permissions) {
        return server.hub()
                .connect(
                        connection,
                        TuttiV1.PROTOCOL,
                        "",
                        new Access(ann(), server.revocations().restrict(permissions)));
    }

    private static <T> T done(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static void assertUnavailable(CompletionStage<?> stage, String reason) {
        assertThat(stage)
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOf(UnavailableException.class)
                .withMessage(reason);
    }

    @Test
    void commandsReachAllServersAndAreConfirmed() {
        List<Connection> connections = new ArrayList<>();
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            connections.add(new Connection());
            clients.add(connect(server(), connections.get(i)));
        }

        assertThat(done(servers.get(0).administration().subscribe("ann", "orders")))
                .isEqualTo(3);
        assertThat(clients).allMatch(client -> client.memberships().get("orders") != null);
        assertThat(done(servers.get(1).administration().unsubscribe("ann", "orders")))
                .isEqualTo(3);
        assertThat(clients).allMatch(client -> client.memberships().get("orders") == null);
        assertThat(done(servers.get(2).administration().reauthorize("ann"))).isEqualTo(3);
        assertThat(done(servers.get(0)
                        .administration()
                        .disconnectClient(clients.get(1).id())))
                .isTrue();
        assertThat(connections.get(1).code.get()).isEqualTo(CloseCode.FORBIDDEN);
        assertThat(done(servers.get(0).administration().disconnectClient("nobody")))
                .isFalse();
        assertThat(done(servers.get(1).administration().disconnect("ann"))).isEqualTo(2);
        assertThat(clients).allMatch(Client::hasEnded);
    }

    @Test
    void listsHoldTheConnectionsAndRoomsOfAllServers() {
        for (int i = 0; i < 3; i++) {
            Client client = connect(server(), new Connection());
            assertThat(done(servers.get(i).administration().subscribe("ann", "room-" + i)))
                    .isEqualTo(i + 1); // also those that connected before
            assertThat(client.user()).isEqualTo("ann");
        }
        Administration any = servers.get(1).administration();

        Page<ClientDirectory.Entry> clients = done(any.clients("ann", "", 10));
        assertThat(clients.items())
                .extracting(ClientDirectory.Entry::client, ClientDirectory.Entry::way, ClientDirectory.Entry::rooms)
                .containsExactly(
                        tuple("server0-1", Way.TOKEN, 3),
                        tuple("server1-1", Way.TOKEN, 2),
                        tuple("server2-1", Way.TOKEN, 1));
        assertThat(clients.servers()).isEqualTo(3);
        assertThat(done(any.clients("ben", "", 10)).items()).isEmpty();
        assertThat(done(any.rooms("room-", "", 2))).isEqualTo(new Page<>(List.of("room-0", "room-1"), true, 3, false));
        assertThat(done(any.rooms("room-", "room-1", 2))).isEqualTo(new Page<>(List.of("room-2"), false, 3, false));
        redis.kill();
        await().until(() -> servers.get(1).cluster().problem() != null);
        assertThat(done(any.clients("ann", "", 10)).items()).hasSize(1);
        assertThat(done(any.clients("ann", "", 10)).isPartial()).isTrue();
    }

    @Test
    void serversAnswerEachOtherOnTopics() {
        for (int i = 0; i < 3; i++) {
            String name = server().cluster().name();
            if (i > 0) { // the first one starts still
                servers.get(i)
                        .cluster()
                        .answer(Topic.STATISTICS, text -> CompletableFuture.completedFuture(text + " " + name));
            }
        }

        Texts ofAll = done(servers.get(0).cluster().ask(Topic.STATISTICS, "from"));
        assertThat(ofAll.list()).containsExactlyInAnyOrder("from server1", "from server2");
        assertThat(ofAll.missing()).isZero();
        assertThat(done(servers.get(1).cluster().ask(Topic.STATISTICS, "from")))
                .isEqualTo(new Texts(List.of("from server2"), 1));
    }

    @Test
    void revocationReachesServersThatStartLater() {
        ClusterHub first = server();
        Connection connection = new Connection();
        connect(server(), connection);

        assertThat(done(first.administration().revoke("ann", Instant.now()))).isOne();
        assertThat(connection.code.get()).isEqualTo(CloseCode.UNAUTHENTICATED);
        assertThat(server().revocations().include(ann())).isTrue();
    }

    /** Redis loses its memory at its end. */
    @Test
    void revocationWithoutRedisReachesAllWhenItIsBack() throws IOException {
        ClusterHub first = server();
        ClusterHub second = server();
        Connection connection = new Connection();
        connect(second, connection);
        done(first.administration().revokeToken("earlier"));
        redis.kill();

        await().until(() -> first.cluster().problem() != null);
        assertUnavailable(
                first.administration().revokeToken("t-1"),
                "done here (connections: 0), but the other servers cannot be reached: try again");
        assertThat(first.revocations().include(ann())).isTrue();
        redis.start();

        await().atMost(WAIT).until(() -> connection.code.get() == CloseCode.UNAUTHENTICATED);
        ClusterHub later = server();
        await().untilAsserted(() -> assertThat(later.revocations().list())
                .extracting(Revocation::name)
                .containsExactlyInAnyOrder("earlier", "t-1"));
    }

    /** Redis goes on, so the room loses nothing. */
    @Test
    void serverThatWasAwayTakesAllRightsAnew() throws IOException {
        ClusterHub server = server();
        AtomicBoolean isDenied = new AtomicBoolean();
        Client client = connect(server, new Connection(), (identity, action, resource) -> !isDenied.get());
        assertThat(done(server.administration().subscribe("ann", "orders"))).isOne();
        isDenied.set(true);

        assertThat(redis.send("CLIENT KILL TYPE pubsub")).isEqualTo(":1"); // one connection

        await().atMost(WAIT).until(() -> client.memberships().get("orders") == null);
        assertThat(client.hasEnded()).isFalse();
    }

    /** Another server has sent the commands while this one was away. */
    @Test
    void serverThatWasAwayCarriesOutMissedCommands() throws Exception {
        ClusterHub server = server();
        Connection connection = new Connection();
        Client client = connect(server, connection);
        try (LettuceConnector connector = new LettuceConnector(redis.address(), "")) {
            Redis direct = done(connector.connect(new Redis.Listener() {
                @Override
                public void received(String channel, byte[] message) {}

                @Override
                public void ended(Redis ended) {}
            }));
            keep(direct, "of a later version", "ann");
            keep(direct, "subscribe", "ann", "orders");
            assertThat(redis.send("CLIENT KILL TYPE pubsub")).isEqualTo(":1");
            await().atMost(WAIT).until(() -> client.memberships().get("orders") != null);

            keep(direct, "disconnect", "ann");
            assertThat(redis.send("CLIENT KILL TYPE pubsub")).isEqualTo(":1");
            await().atMost(WAIT).until(client::hasEnded);
            assertThat(connection.code.get()).isEqualTo(CloseCode.FORBIDDEN);
        }
        assertThat(done(server.administration().disconnect("ann"))).isZero();
        assertThat(redis.send("ZCARD test:commands")).as("also its own").isEqualTo(":4");
    }

    private static void keep(Redis redis, String... command) {
        List<String> values = new ArrayList<>(List.of("command"));
        values.addAll(List.of(command));
        done(redis.run(
                Script.KEEP,
                List.of("test:commands"),
                List.of(
                        AppendCall.bytes(60_000),
                        AppendCall.bytes(10),
                        new ServerMessage("other", values.hashCode(), values).encode())));
    }

    @Test
    void redisKeepsTheLatestCommands() throws Exception {
        try (LettuceConnector connector = new LettuceConnector(redis.address(), "")) {
            Redis direct = done(connector.connect(new Redis.Listener() {
                @Override
                public void received(String channel, byte[] message) {}

                @Override
                public void ended(Redis ended) {}
            }));
            for (int i = 0; i < 15; i++) {
                keep(direct, "disconnect", "user-" + i);
            }

            List<Object> kept =
                    done(direct.run(Script.KEPT, List.of("test:commands"), List.of(AppendCall.bytes(60_000))));
            assertThat(kept).hasSize(2 * 10);
            assertThat(redis.send("EVAL \"redis.call('ZADD', KEYS[1], 1, 'old')\" 1 test:commands"))
                    .isNotEmpty();
            keep(direct, "disconnect", "last");
            assertThat(redis.send("ZSCORE test:commands old")).isEqualTo("$-1");
            assertThat(redis.send("ZCARD test:commands")).isEqualTo(":10");
        }
    }

    @Test
    void serverThatDoesNotConfirmIsReported() throws Exception {
        ClusterHub first = server();
        server();
        try (LettuceConnector connector = new LettuceConnector(redis.address(), "")) {
            Redis silent = done(connector.connect(new Redis.Listener() {
                @Override
                public void received(String channel, byte[] message) {}

                @Override
                public void ended(Redis connection) {}
            }));
            silent.subscribe("test:servers");
            done(silent.publish("test:servers", Fields.encode(List.of("2", "another version")))); // is ignored

            assertUnavailable(
                    first.administration().disconnect("ann"),
                    "done here (connections: 0), but 1 of 2 other servers have not confirmed it");
        }
    }

    @Test
    void redisKeepsTheLatestRevocationsThatMatter() throws Exception {
        try (LettuceConnector connector = new LettuceConnector(redis.address(), "")) {
            Redis direct = done(connector.connect(new Redis.Listener() {
                @Override
                public void received(String channel, byte[] message) {}

                @Override
                public void ended(Redis connection) {}
            }));
            Instant old = Instant.now().minus(ClusterHub.REVOCATION_AGE);
            keep(direct, 2, new Revocation(Kind.USER, "over", old.minusSeconds(1)));
            keep(direct, 2, new Revocation(Kind.USER, "first", issued.plusSeconds(1)));
            keep(direct, 2, new Revocation(Kind.USER, "third", issued.plusSeconds(3)));
            keep(direct, 2, new Revocation(Kind.USER, "third", issued.plusSeconds(2)));
            keep(direct, 2, new Revocation(Kind.USER, "fourth", issued.plusSeconds(4)));
            keep(direct, 3, List.of("x of a later version", Long.toString(System.currentTimeMillis())));
        }

        assertThat(server().revocations().list())
                .extracting(
                        Revocation::name,
                        revocation -> Duration.between(issued, revocation.issuedBefore())
                                .toSeconds())
                .containsExactlyInAnyOrder(tuple("third", 3L), tuple("fourth", 4L), tuple("", 1L));
    }

    private static void keep(Redis redis, int max, Revocation revocation) {
        keep(redis, max, CommandFormat.encode(List.of(revocation)));
    }

    private static void keep(Redis redis, int max, List<String> revocation) {
        List<byte[]> arguments = new ArrayList<>(List.of(
                AppendCall.bytes(ClusterHub.REVOCATION_AGE.toMillis()),
                AppendCall.bytes(max),
                AppendCall.bytes(CommandFormat.ALL),
                AppendCall.bytes("nobody"),
                AppendCall.bytes("")));
        revocation.forEach(text -> arguments.add(AppendCall.bytes(text)));
        done(redis.run(Script.REVOKE, List.of("test:revoked"), arguments));
    }
}
