package dev.tutti.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.WarProcess;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks of a server that is killed, to a receiver on the stock library of Standard Webhooks. */
class StandardWebhooksIT {
    private static final String OLD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String NEW_SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static final int MESSAGES = 50;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    /** The receiver in a Node process. */
    private static final class Receiver implements AutoCloseable {
        private final Process node;
        private final List<String> lines = new CopyOnWriteArrayList<>();

        Receiver(String secret) throws IOException, InterruptedException {
            Path home = NodeTests.installed(Path.of("src", "test", "javascript", "webhooks"));
            node = new ProcessBuilder("node", "receiver.mjs", secret)
                    .directory(home.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Thread reader = new Thread(() -> node.inputReader(UTF_8).lines().forEach(lines::add), "receiver");
            reader.setDaemon(true);
            reader.start();
        }

        String address() {
            await().atMost(LIMIT).until(() -> !lines.isEmpty() || !node.isAlive());
            return "http://127.0.0.1:" + lines.get(0) + "/";
        }

        List<JsonObject> requests() {
            return lines.stream()
                    .skip(1)
                    .map(line -> Json.createReader(new StringReader(line)).readObject())
                    .toList();
        }

        /** Returns the events that it has accepted, each as it was verified. */
        List<JsonObject> events() {
            return requests().stream()
                    .filter(request -> request.getInt("status") == 204)
                    .map(request -> request.getJsonObject("event"))
                    .toList();
        }

        void accept() throws IOException {
            node.getOutputStream().write('\n');
            node.getOutputStream().flush();
        }

        @Override
        public void close() {
            node.destroy();
        }
    }

    private WarProcess server(Receiver receiver, Path secrets) throws IOException {
        return WarProcess.start(
                folder.resolve("cache"),
                Map.of("TUTTI_DATA", folder.resolve("data").toString()),
                "--port=0",
                "--host=127.0.0.1",
                "--webhook-url=" + receiver.address(),
                "--webhook-secret-file=" + secrets,
                "--webhook-events=*, publication=chat-*");
    }

    @Test
    @Timeout(180)
    void eventsSurviveAKillAndTheStockLibraryVerifiesThem() throws Exception {
        NodeTests.requireNode();
        Path secrets = Files.writeString(folder.resolve("secrets"), OLD_SECRET);
        try (Receiver receiver = new Receiver(NEW_SECRET)) {
            try (WarProcess killed = server(receiver, secrets)) {
                publish(killed.awaitPort());
                await().atMost(LIMIT).until(() -> !receiver.requests().isEmpty());
                Path queue = folder.resolve("data").resolve("webhooks.queue");
                String last = "\"data\":\"" + (MESSAGES - 1) + '"';
                await().atMost(LIMIT)
                        .until(() -> Files.readString(queue, ISO_8859_1).contains(last));
                killed.kill();
            }
            Files.writeString(secrets, OLD_SECRET + "\n" + NEW_SECRET);
            receiver.accept();
            try (WarProcess restarted = server(receiver, secrets)) {
                restarted.awaitPort();
                await().atMost(LIMIT)
                        .untilAsserted(() -> assertThat(publications(receiver))
                                .isEqualTo(IntStream.range(0, MESSAGES).boxed().toList()));
            }
            assertThat(receiver.requests()).noneMatch(request -> request.containsKey("fault"));
            assertThat(receiver.events())
                    .extracting(event -> event.getString("type"))
                    .contains("client.connected", "room.occupied", "member.entered");
        }
    }

    /** Returns the published numbers in the order of their arrival. */
    private static List<Integer> publications(Receiver receiver) {
        return receiver.events().stream()
                .filter(event -> event.getString("type").equals("publication"))
                .map(event -> Integer.valueOf(event.getJsonObject("data").getString("data")))
                .distinct()
                .toList();
    }

    /** Publishes, and waits until the client has its own messages. */
    private static void publish(int port) {
        List<String> received = new CopyOnWriteArrayList<>();
        WebSocket.Listener listener = new WebSocket.Listener() {
            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                received.add(data.toString());
                socket.request(1);
                return null;
            }
        };
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/ws/chat-1"), listener)
                .join();
        for (int i = 0; i < MESSAGES; i++) {
            socket.sendText("\"" + i + "\"", true).join();
        }
        await().atMost(LIMIT).until(() -> received.contains("\"" + (MESSAGES - 1) + "\""));
    }
}
