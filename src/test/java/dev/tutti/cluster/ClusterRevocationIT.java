package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.WarProcess;
import dev.tutti.standalone.SecretTokens;
import dev.tutti.standalone.SilentConnections;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One user with 300 silent connections of all protocols on three servers, whose tokens are revoked by a request to one of them. */
@Timeout(180)
class ClusterRevocationIT {
    private static final int SERVERS = 3;
    private static final int OF_EACH_PROTOCOL = 25;
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    Path directory;

    private final List<WarProcess> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        servers.forEach(WarProcess::close);
    }

    private void start(RedisServer redis) throws IOException {
        servers.add(WarProcess.startClasses(
                directory,
                "--host=127.0.0.1",
                "--port=0",
                "--access=token,local",
                "--jwt-secret=" + SecretTokens.SECRET,
                "--max-connections-per-address=0",
                "--max-connections-per-user=0",
                "--cluster-server=server-" + servers.size(),
                "--cluster=" + redis.address()));
    }

    private static HttpResponse<String> send(int port, String method, String path) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static void awaitReady(int port) {
        await().atMost(WAIT).until(() -> send(port, "GET", "/health/ready").statusCode() == 200);
    }

    /** Waits until the statistics of all servers, and of each, count the connections. */
    private static void awaitStatistics(int port) throws Exception {
        String memberships = "\"memberships\":" + 2 * OF_EACH_PROTOCOL + ",";
        await().atMost(WAIT).untilAsserted(() -> {
            String all = send(port, "GET", "/api/statistics").body();
            assertThat(all.split(memberships, -1)).hasSize(1 + 1 + SERVERS); // also in the server that answers
            assertThat(all)
                    .contains("\"missing\":0", "{\"endpoint\":\"/connect\",\"open\":" + OF_EACH_PROTOCOL * SERVERS);
        });
        String one = send(port, "GET", "/api/statistics?server=server-2").body();
        assertThat(one)
                .contains(
                        "\"server\":{\"name\":\"server-2\"", "{\"endpoint\":\"/connect\",\"open\":" + OF_EACH_PROTOCOL);
        assertThat(send(port, "GET", "/api/statistics?server=nobody").statusCode())
                .isEqualTo(404);
    }

    /** A server has another one drain, and does not drain beside it. */
    private static void assertOneDrains(List<Integer> ports) throws Exception {
        HttpResponse<String> begun = send(ports.get(0), "POST", "/api/drain?server=server-1&seconds=0&graceSeconds=0");
        assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
        assertThat(begun.body()).startsWith("{\"server\":\"server-1\",");
        assertThat(send(ports.get(1), "GET", "/health/ready").statusCode()).isEqualTo(503);
        HttpResponse<String> second = send(ports.get(0), "POST", "/api/drain");
        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(second.body()).contains("the server server-1 drains");
        assertThat(send(ports.get(0), "GET", "/health/ready").statusCode()).isEqualTo(200);
    }

    private static int handshakeStatus(int port, String token) throws InterruptedException {
        try {
            HTTP.newWebSocketBuilder()
                    .header("Authorization", "Bearer " + token)
                    .buildAsync(URI.create("ws://127.0.0.1:" + port + "/ws"), new WebSocket.Listener() {})
                    .join()
                    .abort();
            return 101;
        } catch (CompletionException e) {
            assertThat(e).hasCauseInstanceOf(WebSocketHandshakeException.class);
            return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
        }
    }

    @Test
    void revokedUserLosesAllConnectionsOnAllServers() throws Exception {
        String token = SecretTokens.token(
                "ann", 600, ",\"iat\":" + Instant.now().minusSeconds(60).getEpochSecond());
        SilentConnections connections = new SilentConnections();
        try (RedisServer redis = RedisServer.start(directory)) {
            for (int i = 0; i < SERVERS; i++) {
                start(redis);
            }
            List<Integer> ports = servers.stream().map(WarProcess::awaitPort).toList();
            for (int port : ports) {
                awaitReady(port);
                connections.connectAll(port, OF_EACH_PROTOCOL, token, "the token was revoked");
            }
            awaitStatistics(ports.get(0));
            connections.awaitDocuments();

            HttpResponse<String> list = send(ports.get(0), "GET", "/api/clients?user=ann&limit=1000");
            assertThat(list.headers().firstValue("Tutti-Servers")).hasValue(String.valueOf(SERVERS));
            assertThat(list.body().split("\"user\":\"ann\"")).hasSize(1 + 3 * OF_EACH_PROTOCOL * SERVERS);

            int inRoom = SERVERS * 2 * 3; // by two protocols, of the connections 1, 11 and 21
            await().atMost(WAIT)
                    .until(() -> send(ports.get(0), "GET", "/api/rooms/garden-1")
                            .body()
                            .contains("\"count\":" + inRoom + ","));

            long start = System.nanoTime();
            HttpResponse<String> answer = send(ports.get(1), "POST", "/api/users/ann/revoke");
            long answerMillis = (System.nanoTime() - start) / 1_000_000;

            assertThat(answer.body()).isEqualTo("{\"connections\":" + 4 * OF_EACH_PROTOCOL * SERVERS + "}");
            System.out.printf("revoke on %d servers: the answer came after %d ms%n", SERVERS, answerMillis);
            connections.assertLostInTime("revoke on " + SERVERS + " servers", start);
            connections.assertCodes(4401, 4401, 4401, 0); // Hocuspocus denies the document alone
            start(redis);
            int later = servers.get(SERVERS).awaitPort();
            awaitReady(later);
            assertThat(handshakeStatus(later, token)).isEqualTo(401);
            assertOneDrains(ports);
            redis.kill();
            String ofBen = SecretTokens.token(
                    "ben", 600, ",\"iat\":" + Instant.now().minusSeconds(60).getEpochSecond());
            HttpResponse<String> refusal = send(later, "POST", "/api/users/ben/revoke");
            assertThat(refusal.statusCode()).isEqualTo(503);
            assertThat(refusal.body())
                    .contains("\"error\":\"unavailable\"", "done here (connections: 0), but the other servers");
            assertThat(handshakeStatus(later, ofBen)).isEqualTo(401);
        }
    }
}
