package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A drain of the WAR in a container, which an administrator begins. */
@Timeout(120)
class TomcatDrainIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final TomcatServer server = new TomcatServer(ContainerServer.property("tutti.tomcat11.version"), "/tutti");

    private HttpResponse<String> send(String method, String path, String... headers) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + server.contextPath() + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void drainMovesClientsAndRefusesNewOnes() throws Exception {
        server.start();
        try (JdkClient plain = JdkClient.join(server, "/ws");
                TuttiClient modern = TuttiClient.connect(server.webSocket("/connect"))) {
            assertThat(send("GET", "/health/ready").statusCode()).isEqualTo(200);

            for (String path : List.of("/health", "/health/started", "/health/live", "/health/ready")) {
                assertThat(send("GET", path, "X-Forwarded-For", "192.0.2.7").statusCode())
                        .as(path)
                        .isEqualTo(200);
            }
            assertThat(send("GET", "/", "X-Forwarded-For", "192.0.2.7").statusCode())
                    .isEqualTo(403);

            HttpResponse<String> begun = send("POST", "/api/drain?seconds=1&graceSeconds=0");

            assertThat(begun.statusCode()).isEqualTo(202);
            assertThat(begun.body()).contains("\"clients\":2");
            assertThat(send("GET", "/health/ready").statusCode()).isEqualTo(503);
            assertThat(modern.awaitAll("reconnect", 1)
                            .get(0)
                            .getJsonNumber("after")
                            .doubleValue())
                    .isBetween(0.0, 1.0);
            try (RawClient late = RawClient.connect(server)) {
                assertThat(late.status()).isEqualTo(503);
                assertThat(late.headerNames()).contains("retry-after");
            }
            assertThat(plain.closeCode().get(10, TimeUnit.SECONDS)).isEqualTo(1001);
            assertThat(modern.closeCode().get(10, TimeUnit.SECONDS)).isEqualTo(1001);
            await().until(() -> server.clients() == 0);
            assertThat(send("GET", "/health/live").statusCode()).isEqualTo(200);
        } finally {
            server.stop();
        }
    }
}
