package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.OperatingSystemMXBean;
import dev.tutti.TestSettings;
import dev.tutti.Tutti;
import dev.tutti.yjs.lib0.Lib0Writer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One user with 1,000 silent connections of all protocols, who loses the rights: the time until each of them has learned it. */
class RevocationIT {
    private static final int OF_EACH_PROTOCOL = 250;
    private static final int NAMES = 10;
    private static final long LIMIT_MILLIS = 1_000;

    private final HttpClient http = HttpClient.newHttpClient();

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

    /** Takes the time at which a connection learns that it has lost its rights. */
    private static final class Listener implements WebSocket.Listener {
        /** Part of the last message that a connection receives which stays open. */
        private final String lastMessage;

        private final CompletableFuture<String> first = new CompletableFuture<>();
        private final CompletableFuture<Long> endNanos = new CompletableFuture<>();
        private volatile int code;

        Listener(String lastMessage) {
            this.lastMessage = lastMessage;
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            return received(socket, text.toString());
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer bytes, boolean last) {
            return received(socket, ISO_8859_1.decode(bytes).toString());
        }

        private @Nullable CompletionStage<?> received(WebSocket socket, String message) {
            first.complete(message);
            if (message.contains(lastMessage)) {
                endNanos.complete(System.nanoTime());
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            code = status;
            endNanos.complete(System.nanoTime());
            return null;
        }
    }

    private Listener connect(String path, @Nullable String header, String lastMessage, String... messages)
            throws Exception {
        Listener listener = new Listener(lastMessage);
        WebSocket.Builder builder = http.newWebSocketBuilder();
        if (header != null) {
            builder.header("Authorization", "Bearer " + header);
        }
        if (path.equals("/connect")) {
            builder.subprotocols("tutti.v1");
        }
        WebSocket socket = builder.buildAsync(URI.create("ws://127.0.0.1:" + server.port() + path), listener)
                .get(10, TimeUnit.SECONDS);
        for (String message : messages) {
            if (path.equals("/hocuspocus")) {
                socket.sendBinary(ByteBuffer.wrap(message.getBytes(ISO_8859_1)), true)
                        .get();
            } else {
                socket.sendText(message, true).get();
            }
        }
        return listener;
    }

    /** Connects 1,000 times by all protocols, a token in each place, and waits until all are in their rooms and documents. */
    private List<Listener> connectAll(String token, String lastMessage) throws Exception {
        List<Listener> listeners = new ArrayList<>();
        for (int i = 0; i < OF_EACH_PROTOCOL; i++) {
            String name = "garden-" + i % NAMES;
            listeners.add(connect("/ws/" + name, token, lastMessage));
            listeners.add(connect("/yjs/" + name, token, lastMessage));
            listeners.add(connect(
                    "/connect",
                    null,
                    lastMessage,
                    "{\"type\":\"authenticate\",\"id\":1,\"token\":\"" + token
                            + "\"}\n{\"type\":\"join\",\"id\":2,\"room\":\"" + name + "\"}"));
            listeners.add(connect("/hocuspocus", null, lastMessage, authentication(name, token)));
        }
        await().untilAsserted(() -> {
            assertThat(memberCount()).isEqualTo(2 * OF_EACH_PROTOCOL);
            for (int i = 1; i < listeners.size(); i += 2) {
                assertThat(listeners.get(i).first).isCompleted(); // of a document
            }
        });
        return listeners;
    }

    private static String authentication(String document, String token) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarString(document);
        out.writeVarUint(2);
        out.writeVarUint(0);
        out.writeVarString(token);
        return new String(out.toByteArray(), ISO_8859_1);
    }

    private static long memberCount() {
        long count = 0;
        for (int i = 0; i < NAMES; i++) {
            count += Tutti.current().members("garden-" + i).stream()
                    .filter(member -> member.user().equals("ann"))
                    .count();
        }
        return count;
    }

    private static void assertLostInTime(String what, long startNanos, List<Listener> listeners) throws Exception {
        List<Long> millis = new ArrayList<>();
        for (Listener listener : listeners) {
            millis.add((listener.endNanos.get(10, TimeUnit.SECONDS) - startNanos) / 1_000_000);
        }
        millis.sort(null);
        int count = millis.size();
        long p99 = millis.get(count * 99 / 100);
        System.out.printf(
                "%s: %d connections without rights after %d ms (p50), %d ms (p99), %d ms (all)%n",
                what, count, millis.get(count / 2), p99, millis.get(count - 1));
        assertThat(p99).isLessThanOrEqualTo(LIMIT_MILLIS);
    }

    /** Expects these codes of the first connection by each protocol; 0 for one that stays open. */
    private static void assertCodes(List<Listener> listeners, Integer... codes) {
        await().untilAsserted(() -> assertThat(listeners.subList(0, 4).stream().map(listener -> listener.code))
                .containsExactly(codes));
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
        List<Listener> listeners = connectAll(old, "the token was revoked");
        Listener ben = connect("/ws/garden-1", token("ben", now.minusSeconds(60)), "\"never\"");

        long start = System.nanoTime();
        HttpResponse<String> response = post("/api/users/ann/revoke");
        long answerMillis = (System.nanoTime() - start) / 1_000_000;

        assertThat(response.body()).isEqualTo("{\"connections\":" + 4 * OF_EACH_PROTOCOL + "}");
        assertThat(memberCount()).isZero();
        System.out.printf("revoke: the answer came after %d ms%n", answerMillis);
        assertLostInTime("revoke", start, listeners);
        assertCodes(listeners, 4401, 4401, 4401, 0); // Hocuspocus denies the document alone
        assertThat(ben.endNanos).isNotDone();
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
        List<Listener> listeners = connectAll(token("ann", Instant.now()), "may no longer");

        long start = System.nanoTime();
        Path next = Files.writeString(directory.resolve("next.json"), rules("write"));
        Files.move(next, rules, StandardCopyOption.REPLACE_EXISTING);

        assertLostInTime("rules", start, listeners);
        assertCodes(listeners, 4403, 4403, 0, 0);
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
