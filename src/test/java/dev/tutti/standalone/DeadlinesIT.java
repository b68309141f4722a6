package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The deadlines of requests and idle connections, with a clock that the tests advance. */
class DeadlinesIT {
    private static final AtomicLong ADVANCED_NANOS = new AtomicLong();
    private static final String GET = "GET /health HTTP/1.1\r\nHost: a\r\n";

    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start(Map.of("handshake-seconds", "10"), () -> System.nanoTime() + ADVANCED_NANOS.get());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void assertServerHealthy() throws IOException {
        server.assertHealthy();
    }

    private static void advance(int seconds) {
        ADVANCED_NANOS.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    /** Connects, and waits until the server has accepted the connection, by a later connection. */
    private static Peer connect() throws IOException {
        Peer peer = Peer.connect(server.port());
        try (Peer later = Peer.connect(server.port())) {
            later.send("GET /health HTTP/1.0\r\n\r\n");
            later.rest();
        }
        return peer;
    }

    private static void assertStaysOpen(Peer peer) throws IOException {
        peer.socket().setSoTimeout(600); // three scan periods of the deadlines
        assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(peer::rest);
        peer.socket().setSoTimeout(15_000);
    }

    @Test
    void silentConnectionIsClosedWithoutResponse() throws IOException {
        try (Peer peer = connect()) {
            advance(10);
            assertThat(peer.rest()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"G", "GET /ws HTTP/1.1\r\n", "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: web"})
    void partialRequestGets408(String start) throws IOException {
        try (Peer peer = connect()) {
            peer.send(start);
            advance(8);
            assertStaysOpen(peer);
            peer.send("e"); // more bytes do not extend the deadline
            advance(2);
            assertThat(peer.rest()).startsWith("HTTP/1.1 408 ").contains("\r\nConnection: close\r\n");
        }
    }

    @Test
    void missingContentClosesConnection() throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send("POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
            assertThat(peer.response()).isEqualTo(405);
            advance(10);
            assertThat(peer.rest()).isEmpty();
        }
    }

    @Test
    void idleConnectionStaysOpenFor30Seconds() throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            for (int i = 0; i < 3; i++) {
                advance(i == 0 ? 0 : 28);
                peer.send(GET + "\r\n");
                assertThat(peer.response()).isEqualTo(200);
            }
            advance(28);
            assertStaysOpen(peer);
            advance(2);
            assertThat(peer.rest()).isEmpty();
        }
    }

    @Test
    void secondRequestHasItsOwnDeadline() throws IOException {
        try (Peer peer = Peer.connect(server.port())) {
            peer.send(GET + "\r\n" + GET);
            assertThat(peer.response()).isEqualTo(200);
            advance(10);
            assertThat(peer.response()).isEqualTo(408);
        }
    }

    @Test
    void silentWebSocketStaysOpen() throws IOException {
        try (Peer peer = Peer.open(server.port(), "/ws")) {
            advance(3600);
            assertStaysOpen(peer);
            peer.sendText("\"still here\"");
            assertThat(peer.frame().text()).isEqualTo("\"still here\"");
        }
    }

    @Test
    void messageStartsNoTimerOfTyrus() throws IOException {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        try (Peer peer = Peer.open(server.port(), "/ws")) {
            peer.sendText("\"hello\"");
            assertThat(peer.frame().text()).isEqualTo("\"hello\"");
            assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> !before.contains(thread))
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("tyrus-"));
        }
    }
}
