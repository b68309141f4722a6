package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.WarProcess;
import jakarta.json.Json;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM to a server with clients of each protocol. */
@Timeout(120)
class DrainIT {
    private static final String READY = "GET /health/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    /** Typing "t" into a document, in y-websocket's protocol. */
    private static final byte[] TYPING = {0, 2, 11, 1, 1, 5, 0, 4, 1, 1, 't', 1, 'a', 0};

    @TempDir
    static Path cache;

    private static WarProcess start(String... options) throws IOException {
        List<String> all = new ArrayList<>(List.of("--host", RunnableWarIT.HOST, "--port", "0", "--access", "open"));
        all.addAll(List.of(options));
        return WarProcess.start(
                cache, Map.of("TUTTI_DATA", cache.resolve("data").toString()), all.toArray(new String[0]));
    }

    @Test
    void sigtermMovesClientsAndExitsWith0() throws Exception {
        try (WarProcess server = start("--drain-seconds=2", "--drain-grace-seconds=2")) {
            int port = server.awaitPort();
            assertThat(RunnableWarIT.exchange(port, READY)).startsWith("HTTP/1.1 200 ");
            try (Peer plain = Peer.open(port, "/ws");
                    Peer modern = Peer.connect(port);
                    Peer editor = Peer.open(port, "/yjs/minutes")) {
                modern.send(Peer.handshake("/connect", "Sec-WebSocket-Protocol: tutti.v1\r\n"));
                modern.head();
                assertThat(modern.frame().text()).contains("welcome");
                editor.send(Peer.frame(0x80 | Peer.BINARY, TYPING));

                server.terminate();

                await().untilAsserted(() ->
                        assertThat(RunnableWarIT.exchange(port, READY)).startsWith("HTTP/1.1 503 "));
                try (Peer late = Peer.open(port, "/ws")) { // balancers have not noticed yet
                    late.sendText("\"late\"");
                    assertThat(late.frame().text()).isEqualTo("\"late\"");
                    assertThat(after(modern)).isBetween(0.0, 2.0);
                    assertThat(RunnableWarIT.exchange(port, Peer.handshake("/ws")))
                            .startsWith("HTTP/1.1 503 ")
                            .contains("Retry-After: 1\r\n");
                    modern.socket().close(); // as if it had reconnected
                    assertThat(late.closeFrame().code()).isEqualTo(1012);
                }
                Peer.Frame closed = plain.closeFrame();
                assertThat(closed.code()).isEqualTo(1012);
                assertThat(closed.reason()).isEqualTo("the server restarts: connect again");
                assertThat(editor.closeFrame().code()).isEqualTo(1012);
            }
            assertThat(server.awaitExit()).isZero();
            assertThat(server.err()).isEmpty();
        }
        try (WarProcess again = start()) {
            assertThat(RunnableWarIT.exchange(
                            again.awaitPort(),
                            "GET /api/documents/minutes/stored HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                    .contains("\"stateVector\":\"AQUB\"", "\"complete\":true");
        }
    }

    /** Returns the time in the next message, which asks to reconnect. */
    private static double after(Peer client) throws IOException {
        try (JsonReader reader =
                Json.createReader(new StringReader(client.frame().text()))) {
            var message = reader.readObject();
            assertThat(message.getString("type")).isEqualTo("reconnect");
            return message.getJsonNumber("after").doubleValue();
        }
    }

    @Test
    void secondSigtermEndsAtOnce() throws Exception {
        try (WarProcess server = start("--drain-seconds=3600", "--drain-grace-seconds=3600")) {
            int port = server.awaitPort();
            try (Peer plain = Peer.open(port, "/ws")) {
                plain.sendText("\"here\"");
                assertThat(plain.frame().text()).isEqualTo("\"here\"");
                server.terminate();
                await().untilAsserted(() ->
                        assertThat(RunnableWarIT.exchange(port, READY)).startsWith("HTTP/1.1 503 "));
                long start = System.nanoTime();
                server.terminate();
                assertThat(plain.closeFrame().code()).isEqualTo(1001);
                assertThat(server.awaitExit()).isZero();
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
            }
        }
    }
}
