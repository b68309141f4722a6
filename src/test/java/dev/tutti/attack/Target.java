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
 * @param contextPath where the application is: empty for the root
 * @param pid of its process
 */
record Target(int port, String contextPath, long pid) {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();

    /** Returns a path on the server of one within the application. */
    String path(String within) {
        return contextPath + within;
    }

    /** Returns the answer to a GET of a path within the application. */
    HttpResponse<String> get(String within) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + port + path(within));
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(PATIENCE).build();
        try {
            return HTTP.sendAsync(request, BodyHandlers.ofString()).get(PATIENCE.toSeconds(), SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("no answer to GET " + within, e);
        }
    }

    /** Returns whether the server says that it is well. */
    boolean isHealthy() throws InterruptedException {
        try {
            return get("/health").statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }
}
