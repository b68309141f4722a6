package dev.tutti.attack;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * A server under attack, on 127.0.0.1. Immutable.
 *
 * @param contextPath path of the application, empty for the root
 * @param pid id of the server's process
 */
record Target(int port, String contextPath, long pid) {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();

    /** Returns the path on the server of a path in the application. */
    String path(String within) {
        return contextPath + within;
    }

    /** Returns the response to a GET of a path in the application. */
    HttpResponse<String> get(String within) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + port + path(within));
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(TIMEOUT).build();
        try {
            return HTTP.sendAsync(request, BodyHandlers.ofString()).get(TIMEOUT.toSeconds(), SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("no answer to GET " + within, e);
        }
    }

    /** Returns whether the health check succeeds. */
    boolean isHealthy() throws InterruptedException {
        try {
            return get("/health").statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }
}
