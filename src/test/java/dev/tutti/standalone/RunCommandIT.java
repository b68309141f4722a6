package dev.tutti.standalone;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.WarProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The run command of README.md, {@code mvn}, on a port that the system chooses. Its class path is the compile scope of the build; that of
 * {@code tutti.war} is another.
 */
class RunCommandIT {
    private static final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    static Path cache;

    private static WarProcess server;
    private static String address;

    @BeforeAll
    static void startServer() throws IOException {
        server = WarProcess.startByMaven(cache, "--host", "127.0.0.1", "--port", "0");
        address = "http://127.0.0.1:" + server.awaitPort();
    }

    @AfterAll
    static void stopServer() throws InterruptedException {
        List<String> errors = List.copyOf(server.err());
        server.terminate();
        server.awaitExit();
        assertThat(errors).filteredOn(line -> !ofMaven(line)).isEmpty();
    }

    /** Returns whether a line is of a warning about Maven's own libraries, which Java prints from 24 on. */
    private static boolean ofMaven(String line) {
        return line.startsWith("WARNING: ")
                && (line.contains("sun.misc.Unsafe") || line.contains("com.google.common.util.concurrent"));
    }

    @ParameterizedTest
    @CsvSource({
        "/, Tutti",
        "/room.html, Tutti",
        "/tutti.js, class Tutti",
        "/health, ok",
        "/health/ready, UP",
        "/api/me, local",
        "/api/openapi.json, /api/rooms",
        "/metrics, tutti_connections",
    })
    void pathAnswers(String path, String content) throws Exception {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains(content);
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(address + path)).build(), ofString());
    }
}
