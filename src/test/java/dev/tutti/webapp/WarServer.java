package dev.tutti.webapp;

import dev.tutti.WarProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** {@code java -jar tutti.war} with documents in a directory. Confined to the thread of the test. */
final class WarServer implements SiteServer {
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path cache;
    private final Path data;
    private WarProcess process;
    private int port;

    /** Creates a server, not started, which unpacks into {@code cache}. */
    WarServer(Path cache, Path data) {
        this.cache = cache;
        this.data = data;
    }

    @Override
    public void start() throws IOException {
        startIn(List.of());
    }

    /** Starts the server by a wrapper, a command that executes its arguments. */
    void startIn(List<String> wrapper) throws IOException {
        process = WarProcess.startIn(
                wrapper,
                cache,
                Map.of(),
                "--host=127.0.0.1",
                "--port=" + port,
                "--data=" + data,
                "--drain-seconds=0"); // there is no other server
        port = process.awaitPort();
    }

    @Override
    public int port() {
        return port;
    }

    /** Kills the process if it runs. */
    @Override
    public void stop() {
        if (process != null) {
            process.kill();
        }
    }

    WarProcess process() {
        return process;
    }

    /** Returns the server's JSON about the stored state of a document. */
    String stored(String document) throws IOException, InterruptedException {
        URI address = URI.create("http://127.0.0.1:" + port + "/api/documents/" + document + "/stored");
        return http.send(HttpRequest.newBuilder(address).timeout(TIMEOUT).build(), BodyHandlers.ofString())
                .body();
    }
}
