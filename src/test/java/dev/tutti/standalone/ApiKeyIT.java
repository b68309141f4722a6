package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.TestSettings;
import dev.tutti.security.ApiKeys;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests with API keys, right and wrong, to a server that lets in tokens alone. */
class ApiKeyIT {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @TempDir
    private Path directory;

    /** Returns a key, whose line it adds to the file. */
    private String addKey(Path file, String name, String rights) throws IOException {
        String[] lines = ApiKeys.describeNew(name, new SecureRandom()).split("\n", -1);
        Files.writeString(file, Files.readString(file) + lines[1] + " " + rights + "\n");
        return lines[0].replace("Authorization: Bearer ", "");
    }

    @Test
    void keysPassUntilTheirLineIsRemoved() throws Exception {
        Path file = Files.createFile(directory.resolve("keys"));
        String shop = addKey(file, "shop", "[{\"rooms\":[\"orders\"],\"may\":[\"write\"]}]");
        String operator = addKey(file, "operator", "[{\"may\":[\"admin\"]}]");
        String hash = Files.readString(file).split(" ", -1)[1];
        Map<String, String> settings = Map.of(
                "access",
                "token",
                "jwt-secret",
                SECRET,
                "max-failed-tokens-per-second",
                "1000",
                "api-keys-file",
                file.toString());
        StandaloneServer server = StandaloneServer.start(TestSettings.of(settings), null);
        try {
            assertThat(publish(server, "orders", shop)).contains(" 200 ");
            assertThat(publish(server, "stock", shop)).contains(" 403 ");
            assertThat(get(server, "/api/rooms", shop)).contains(" 403 ");
            assertThat(get(server, "/api/rooms", operator)).contains(" 200 ");
            assertThat(publish(server, "orders", operator)).contains(" 403 ");
            assertThat(get(server, "/api/rooms", null)).contains(" 401 ");
            for (String wrong : new String[] {hash, "tutti_" + hash, shop.substring(0, 40), shop + "A"}) {
                assertThat(get(server, "/api/rooms", wrong)).as(wrong).contains(" 401 ");
            }
            assertThat(get(server, "/api/rooms", "tutti_" + "x".repeat(1 << 20)))
                    .contains(" 431 ");

            Files.writeString(file, Files.readString(file).lines().findFirst().orElseThrow());

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> get(server, "/api/rooms", operator).contains(" 401 "));
            assertThat(publish(server, "orders", shop)).contains(" 200 ");
        } finally {
            server.stop();
        }
    }

    private static String publish(StandaloneServer server, String room, String key) throws IOException {
        String body = "{\"data\":1}";
        return send(
                server,
                "POST /api/rooms/" + room
                        + "/publications HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                        + "\r\n",
                key,
                body);
    }

    private static String get(StandaloneServer server, String path, @Nullable String key) throws IOException {
        return send(server, "GET " + path + " HTTP/1.1\r\n", key, "");
    }

    /** Returns the status line of the answer. */
    private static String send(StandaloneServer server, String head, @Nullable String key, String body)
            throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            String authorization = key == null ? "" : "Authorization: Bearer " + key + "\r\n";
            try {
                out.write((head + "Host: localhost\r\n" + authorization + "\r\n" + body).getBytes(ISO_8859_1));
            } catch (SocketException e) {
                // the server has refused the head before its end
            }
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1)).readLine();
        }
    }
}
