package dev.tutti.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HttpFetcherTest {
    private final AtomicLong nanos = new AtomicLong();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** Fetches from a server that answers like this. */
    private String fetch(HttpHandler handler) throws IOException {
        server.createContext("/keys", handler);
        URL address = new URL("http://localhost:" + server.getAddress().getPort() + "/keys");
        return new HttpFetcher(address, nanos::get).fetch();
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Test
    void textIsFetched() throws IOException {
        assertThat(fetch(exchange -> answer(exchange, 200, "ü".getBytes(UTF_8))))
                .isEqualTo("ü");
    }

    @Test
    void otherStatusFails() {
        assertThatIOException()
                .isThrownBy(() -> fetch(exchange -> answer(exchange, 503, "{}".getBytes(UTF_8))))
                .withMessage("status 503");
    }

    @Test
    void redirectIsNotFollowed() {
        AtomicInteger elsewhere = new AtomicInteger();
        server.createContext("/elsewhere", exchange -> {
            elsewhere.incrementAndGet();
            answer(exchange, 200, new byte[0]);
        });

        assertThatIOException()
                .isThrownBy(() -> fetch(exchange -> {
                    exchange.getResponseHeaders().set("Location", "/elsewhere");
                    answer(exchange, 302, new byte[0]);
                }))
                .withMessage("status 302");
        assertThat(elsewhere).hasValue(0);
    }

    @Test
    void endlessResponseFails() {
        assertThatIOException()
                .isThrownBy(() -> fetch(exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    try {
                        while (true) {
                            exchange.getResponseBody().write(new byte[10_000]);
                        }
                    } finally {
                        exchange.close();
                    }
                }))
                .withMessageContaining("more than");
    }

    @Test
    void slowResponseFails() {
        assertThatIOException()
                .isThrownBy(() -> fetch(exchange -> {
                    nanos.addAndGet(60_000_000_000L); // the fetcher has begun
                    answer(exchange, 200, "{}".getBytes(UTF_8));
                }))
                .withMessageContaining("too long");
    }
}
