package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.TestSettings;
import dev.tutti.Tutti;
import dev.tutti.security.Permissions;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** A standalone server for tests, on a free port of the loopback. */
final class TestServer implements AutoCloseable {
    private static final AtomicInteger MESSAGES = new AtomicInteger();

    private final StandaloneServer server;

    private TestServer(StandaloneServer server) {
        this.server = server;
    }

    /** Starts a server with these settings and the defaults. */
    static TestServer start(Map<String, String> given) throws IOException {
        return start(given, System::nanoTime);
    }

    /** Starts a server with another clock for its deadlines. */
    static TestServer start(Map<String, String> given, LongSupplier nanoTime) throws IOException {
        return new TestServer(StandaloneServer.start(TestSettings.of(given), null, Permissions.ALLOW_ALL, nanoTime));
    }

    /** Starts a server with these permissions. */
    static TestServer start(Map<String, String> given, Permissions permissions) throws IOException {
        return new TestServer(StandaloneServer.start(TestSettings.of(given), null, permissions, System::nanoTime));
    }

    int port() {
        return server.port();
    }

    int clients() {
        return Tutti.current().parts().hub().clientCount();
    }

    /** Expects that no client is left, and that a new client on /ws receives its own message. */
    void assertHealthy() throws IOException {
        await().pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(clients()).isZero());
        try (Peer healthy = Peer.open(port(), "/ws")) {
            String message = "\"" + MESSAGES.incrementAndGet() + "\"";
            healthy.sendText(message);
            assertThat(healthy.frame().text()).isEqualTo(message);
            healthy.send(Peer.frame(0x80 | Peer.CLOSE, (byte) 3, (byte) 0xE8));
            assertThat(healthy.closeFrame().code()).isEqualTo(1000);
        }
        await().pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(clients()).isZero());
    }

    @Override
    public void close() {
        server.stop();
    }
}
