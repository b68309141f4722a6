package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.OperatingSystemMXBean;
import dev.tutti.TestSettings;
import dev.tutti.Tutti;
import dev.tutti.standalone.SilentConnections.Listener;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One user with 1,000 silent connections of all protocols, who loses the rights: the time until each of them has learned it. */
class RevocationIT {
    private static final int OF_EACH_PROTOCOL = 250;

    private final HttpClient http = HttpClient.newHttpClient();
    private final SilentConnections connections = new SilentConnections();

    @TempDir
    private Path directory;

    private StandaloneServer server;

    private void start(Map<String, String> more) throws IOException {
        Map<String, String> settings =
                new HashMap<>(Map.of("access", "token,local", "jwt-secret", SecretTokens.SECRET));
        settings.putAll(more);
        server = StandaloneServer.start(TestSettings.of(settings), null);
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    private static String token(String user, Instant issued) {
        return SecretTokens.token(user, 600, ",\"iat\":" + issued.getEpochSecond());
    }

    private Listener connect(String path, String header, String lastMessage) throws Exception {
        return connections.connect(server.port(), path, header, lastMessage);
    }

    /** Connects 1,000 times by all protocols, and waits until all are in their rooms and documents. */
    private void connectAll(String token, String lastMessage) throws Exception {
        connections.connectAll(server.port(), OF_EACH_PROTOCOL, token, lastMessage);
        await().untilAsserted(() -> assertThat(memberCount()).isEqualTo(2 * OF_EACH_PROTOCOL));
        connections.awaitDocuments();
    }

    private static long memberCount() {
        long count = 0;
        for (int i = 0; i < SilentConnections.NAMES; i++) {
            count += Tutti.current().members("garden-" + i).stream()
                    .filter(member -> member.user().equals("ann"))
                    .count();
        }
        return count;
    }

    private HttpResponse<String> post(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private String handshake(String path, String token) throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(Peer.handshake(path, "Authorization: Bearer " + token + "\r\n"));
            return peer.head();
        }
    }

    @Test
    void revokedUserLosesAllConnectionsWithinASecond() throws Exception {
        start(Map.of());
        Instant now = Instant.now();
        String old = token("ann", now.minusSeconds(60));
        connectAll(old, "the token was revoked");
        Listener ben = connect("/ws/garden-1", token("ben", now.minusSeconds(60)), "\"never\"");

        long start = System.nanoTime();
        HttpResponse<String> response = post("/api/users/ann/revoke");
        long answerMillis = (System.nanoTime() - start) / 1_000_000;

        assertThat(response.body()).isEqualTo("{\"connections\":" + 4 * OF_EACH_PROTOCOL + "}");
        assertThat(memberCount()).isZero();
        System.out.printf("revoke: the answer came after %d ms%n", answerMillis);
        connections.assertLostInTime("revoke", start);
        connections.assertCodes(4401, 4401, 4401, 0); // Hocuspocus denies the document alone
        assertThat(ben.hasEnded()).isFalse();
        for (String path : List.of("/ws", "/ws/a", "/connect", "/yjs/a", "/hocuspocus")) {
            assertThat(handshake(path, old)).startsWith("HTTP/1.1 401");
        }
        assertThat(handshake("/ws", token("ann", now.plusSeconds(60)))).startsWith("HTTP/1.1 101");
        assertThat(handshake("/ws", token("ben", now.minusSeconds(60)))).startsWith("HTTP/1.1 101");
        measureRefusals(old);
    }

    /** What a stock y-websocket costs, which comes back again and again with its revoked token. */
    private void measureRefusals(String token) throws IOException {
        int count = 2_000;
        OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long start = process.getProcessCpuTime();
        for (int i = 0; i < count; i++) {
            handshake("/yjs/a", token);
        }
        long nanos = (process.getProcessCpuTime() - start) / count;
        System.out.printf("refused handshake: %d us of CPU, its connection and its client included%n", nanos / 1_000);
    }

    @Test
    void changedRulesTakeRightsWithinASecond() throws Exception {
        Path rules = Files.writeString(directory.resolve("rules.json"), rules("read"));
        start(Map.of("rules", rules.toString()));
        connectAll(token("ann", Instant.now()), "may no longer");

        long start = System.nanoTime();
        Path next = Files.writeString(directory.resolve("next.json"), rules("write"));
        Files.move(next, rules, StandardCopyOption.REPLACE_EXISTING);

        connections.assertLostInTime("rules", start);
        connections.assertCodes(4403, 4403, 0, 0);
        assertThat(memberCount()).isZero();
    }

    private static String rules(String right) {
        return "[{\"rooms\":[\"*\"],\"documents\":[\"*\"],\"may\":[\"" + right + "\",\"presence\"]}]";
    }

    @Test
    void onlyAdministratorsMayRevoke() throws Exception {
        start(Map.of());
        String ann = token("ann", Instant.now());
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.port() + "/api/users/ann/revoke"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .header("Authorization", "Bearer " + ann);

        assertThat(http.send(request.build(), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(403);
        assertThat(handshake("/ws", ann)).startsWith("HTTP/1.1 101");
        String ops = SecretTokens.token("ops", 600, ",\"tutti\":[{\"may\":[\"admin\"]}]");
        request.setHeader("Authorization", "Bearer " + ops);
        assertThat(http.send(request.build(), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
    }
}
