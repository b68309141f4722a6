package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.metrics.PrometheusText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server with Tutti on 127.0.0.1, on a port that the system chose. Safe for any thread between start and stop. */
interface ServerUnderTest {
    /** More than any case sends at once, except the case that exceeds it. */
    int MAX_MESSAGE_BURST = 500;

    /**
     * More connections than any case opens from one address, except the case that exceeds it; reset connections count until the server
     * notices.
     */
    int MAX_CONNECTIONS_PER_ADDRESS = 250;

    /** The settings on every server: shorter timeouts and lower limits than the defaults keep the cases short. */
    Map<String, String> SETTINGS = Map.of(
            "ping-seconds", "5",
            "pong-seconds", "5",
            "vanished-seconds", "8",
            "max-message-burst", Integer.toString(MAX_MESSAGE_BURST),
            "max-messages-per-second", "100",
            "max-connections-per-address", Integer.toString(MAX_CONNECTIONS_PER_ADDRESS));

    /** Starts the server. It answers {@code GET /health} when this returns. */
    void start() throws Exception;

    /** Stops the server as an operator does, and waits for its exit. Does nothing if it does not run. */
    void stop() throws Exception;

    int port();

    /** Returns the context path of the application: empty for the root, otherwise such as {@code /tutti}. */
    String contextPath();

    /** Returns the log so far, without known messages about the server's own faults. */
    String log() throws IOException;

    /** Returns whether the server searches for leaks of an application when it stops, and logs them. */
    default boolean detectsLeaks() {
        return false;
    }

    /**
     * Returns the close codes that a client may see when the server stops: 1001 from the application, 1006 from a server that ends
     * connections first, both from a server that stops both at the same time.
     */
    default Set<Integer> closeCodesOnStop() {
        return Set.of(1001);
    }

    /**
     * Returns the close codes that a client may see that is closed while it sends on. 1006 is from a server that resets its connection, because the reset
     * may overtake the close frame.
     */
    default Set<Integer> closeCodesOfSender(int code) {
        return Set.of(code);
    }

    /** Returns whether the server passes a path with a colon to the application. Otherwise it answers 503. */
    default boolean acceptsColonInPath() {
        return true;
    }

    /**
     * Returns how often a client tries a handshake that has no answer. More than once on a server that mixes up its pooled requests when
     * another connection ends; it may also stop reading a connection.
     */
    default int handshakeAttempts() {
        return 1;
    }

    /** Returns the address of a WebSocket endpoint, such as {@code /ws}. */
    default URI webSocket(String path) {
        return URI.create("ws://127.0.0.1:" + port() + contextPath() + path);
    }

    /** Returns the address of a page or an API, such as {@code /health}. */
    default URI http(String path) {
        return URI.create("http://127.0.0.1:" + port() + contextPath() + path);
    }

    /** Returns how many clients the server counts in {@code GET /health}. */
    default int clients() throws IOException, InterruptedException {
        HttpResponse<String> health = health();
        assertThat(health.statusCode()).isEqualTo(200);
        Matcher count = Pattern.compile("\"clients\":(\\d+)").matcher(health.body());
        assertThat(count.find()).as(health.body()).isTrue();
        return Integer.parseInt(count.group(1));
    }

    /** Returns the metrics. */
    default PrometheusText metrics() throws IOException, InterruptedException {
        HttpResponse<String> metrics = get("/metrics");
        assertThat(metrics.statusCode()).as(metrics.body()).isEqualTo(200);
        return PrometheusText.parse(metrics.body());
    }

    /** Returns the answer to {@code GET /health}. */
    default HttpResponse<String> health() throws IOException, InterruptedException {
        return get("/health");
    }

    /** Returns the answer to a GET. */
    default HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return Http.CLIENT.send(
                HttpRequest.newBuilder(http(path))
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                BodyHandlers.ofString());
    }

    /** The one HTTP client of all test clients: each has threads of its own. */
    final class Http {
        static final HttpClient CLIENT = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();

        private Http() {}
    }
}
