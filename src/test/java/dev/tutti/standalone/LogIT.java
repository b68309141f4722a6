package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.WarProcess;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole log of a process, with the level of diagnosis. */
class LogIT {
    /** In messages, documents and tokens, and in no line. */
    private static final String SECRET_TEXT = "Zaubertrank";

    @TempDir
    Path folder;

    private WarProcess start() throws IOException {
        Path configuration = Files.writeString(
                folder.resolve("logging.properties"),
                "handlers=java.util.logging.ConsoleHandler\njava.util.logging.ConsoleHandler.level=ALL\ndev.tutti.level=ALL\n");
        return WarProcess.startIn(
                List.of(),
                List.of("-Djava.util.logging.config.file=" + configuration),
                folder.resolve("cache"),
                Map.of("TUTTI_LOG_FORMAT", "json", "TUTTI_JWT_SECRET", SecretTokens.SECRET),
                "--host=127.0.0.1",
                "--port=0",
                "--access=local,token",
                "--jwt-in-query=true");
    }

    private static JsonObject object(String line) {
        try (var reader = Json.createReader(new StringReader(line))) {
            return reader.readObject();
        }
    }

    @Test
    void noLineHasAMessageADocumentOrAToken() throws Exception {
        try (WarProcess process = start()) {
            int port = process.awaitPort();
            badTokens(port);
            messages(port);
            documents(port);
            await().until(() -> process.err().stream().anyMatch(line -> line.contains("refused: ")));
            process.terminate();
            process.awaitExit();

            assertThat(process.err())
                    .allSatisfy(line ->
                            assertThat(object(line).getString("message")).isNotEmpty())
                    .noneMatch(line -> line.contains(SECRET_TEXT) || line.contains(SecretTokens.SECRET));
        }
    }

    private static void badTokens(int port) throws IOException {
        String token = SECRET_TEXT + "." + SECRET_TEXT + "." + SECRET_TEXT;
        for (String path : List.of("/ws", "/yjs/a", "/connect")) {
            assertStatus(port, "401", Peer.handshake(path, "Authorization: Bearer " + token + "\r\n"));
            assertStatus(port, "401", Peer.handshake(path + "?token=" + token));
        }
        assertStatus(
                port,
                "401",
                "GET /api/documents/a/stored HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token
                        + "\r\n\r\n");
        try (Peer peer = connect(port)) {
            peer.frame();
            peer.sendText("{\"type\":\"authenticate\",\"id\":1,\"token\":\"" + token + "\"}");
            assertThat(peer.frame().text()).contains("\"error\"");
        }
    }

    private static Peer connect(int port) throws IOException {
        Peer peer = Peer.connect(port);
        peer.send(Peer.handshake("/connect", "Sec-WebSocket-Protocol: tutti.v1\r\n"));
        assertThat(peer.head()).startsWith("HTTP/1.1 101");
        return peer;
    }

    private static void assertStatus(int port, String status, String request) throws IOException {
        try (Peer peer = Peer.connect(port)) {
            peer.send(request);
            assertThat(peer.head()).startsWith("HTTP/1.1 " + status);
        }
    }

    private static void messages(int port) throws IOException {
        try (Peer peer = Peer.open(port, "/ws")) {
            peer.sendText("\"" + SECRET_TEXT + "\"");
            assertThat(peer.frame().text()).contains(SECRET_TEXT);
            peer.sendText("{" + SECRET_TEXT);
            assertThat(peer.closeFrame().code()).isEqualTo(1007);
        }
        try (Peer peer = connect(port)) {
            peer.frame();
            peer.sendText("{\"type\":\"join\",\"id\":1,\"room\":\"a\",\"state\":\"" + SECRET_TEXT + "\"}");
            assertThat(peer.frame().text()).contains("\"joined\"");
            peer.sendText("{\"type\":\"publish\",\"id\":2,\"room\":\"a\",\"data\":\"" + SECRET_TEXT + "\"}");
            String answers = peer.frame().text() + peer.frame().text();
            assertThat(answers).contains(SECRET_TEXT);
            peer.sendText("{\"type\":\"" + SECRET_TEXT + "\",\"id\":3}");
            assertThat(peer.frame().text()).contains("\"error\"");
        }
    }

    private static void documents(int port) throws IOException {
        try (Peer peer = Peer.open(port, "/yjs/a")) {
            byte[] text = SECRET_TEXT.getBytes(UTF_8);
            byte[] update = new byte[3 + text.length];
            update[1] = 2;
            update[2] = (byte) text.length;
            System.arraycopy(text, 0, update, 3, text.length);
            peer.send(Peer.frame(0x80 | Peer.BINARY, update));
            assertThat(peer.closeFrame().code()).isEqualTo(1007);
        }
    }
}
