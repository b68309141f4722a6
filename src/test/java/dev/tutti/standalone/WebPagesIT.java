package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.TestSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class WebPagesIT {
    private static final int READERS = 40;

    @Test
    void lastDirectoryWinsSourcesAreNotServed(@TempDir Path written, @TempDir Path built) throws Exception {
        Files.writeString(written.resolve("one.txt"), "written");
        Files.writeString(written.resolve("two.txt"), "written");
        Files.writeString(written.resolve("package.json"), "{}");
        Path source = Files.createDirectory(written.resolve("source"));
        Files.writeString(source.resolve("package.json"), "{}");
        Files.writeString(source.resolve("three.txt"), "source");
        Files.writeString(built.resolve("two.txt"), "built");
        StandaloneServer server = StandaloneServer.start(TestSettings.of(Map.of()), List.of(written, built));
        try {
            assertThat(body(server, "one.txt")).isEqualTo("written");
            assertThat(body(server, "two.txt")).isEqualTo("built");
            assertThat(body(server, "source/three.txt")).contains("no such page");
        } finally {
            server.stop();
        }
    }

    private static String body(StandaloneServer server, String path) throws Exception {
        URI address = URI.create("http://127.0.0.1:" + server.port() + "/" + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())
                .body();
    }

    @Test
    @Timeout(60)
    void stalledReadersBlockNoWebSocket(@TempDir Path pages) throws Exception {
        Files.writeString(pages.resolve("large.txt"), "x".repeat(16 << 20), UTF_8);
        StandaloneServer server = StandaloneServer.start(TestSettings.of(Map.of()), List.of(pages));
        List<Peer> readers = new ArrayList<>();
        try {
            for (int i = 0; i < READERS; i++) {
                Peer reader = Peer.connect(server.port(), 2048);
                readers.add(reader);
                reader.send("GET /large.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
                assertThat(reader.head()).startsWith("HTTP/1.1 200 "); // and it reads no more
            }

            try (Peer client = Peer.open(server.port(), "/ws")) {
                client.sendText("\"hello\"");
                assertThat(client.frame().text()).isEqualTo("\"hello\"");
            }
        } finally {
            for (Peer reader : readers) {
                reader.close();
            }
            server.stop();
        }
    }

    @Test
    @Timeout(60)
    void slowPipelinedReaderGetsAllPages(@TempDir Path pages) throws Exception {
        Files.writeString(pages.resolve("large.txt"), "x".repeat(8 << 20), UTF_8);
        String request = "GET /large.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
        StandaloneServer server = StandaloneServer.start(TestSettings.of(Map.of()), List.of(pages));
        try (Peer reader = Peer.connect(server.port(), 2048)) {
            reader.send(request.repeat(3));
            assertThat(reader.head()).startsWith("HTTP/1.1 200 "); // the second response waits
            reader.send(request);
            reader.body(8 << 20);
            assertThat(List.of(reader.response(), reader.response(), reader.response()))
                    .containsOnly(200);
        } finally {
            server.stop();
        }
    }
}
