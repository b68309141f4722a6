package dev.tutti.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The limit on the bytes that one address sends in a second, on sockets. */
class InputRateIT {
    private static final int MESSAGES = 25;
    private static final String MESSAGE = '"' + "a".repeat(59_998) + '"';

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere the loopback has one address")
    void fastAddressWaitsOthersUnaffected() throws Exception {
        try (TestServer server = TestServer.start(Map.of("max-queued-bytes", "0", "max-bytes-per-second", "1000000"));
                Peer fast = Peer.connectFrom("127.0.0.2", server.port());
                Peer other = Peer.connectFrom("127.0.0.3", server.port())) {
            fast.upgrade("/ws/fast");
            other.upgrade("/ws/other");
            assertOnlyFastWaits(fast, other);
        }
    }

    @Test
    void connectionsOfOneAddressShareTheLimit() throws Exception {
        try (TestServer server = TestServer.start(Map.of("max-queued-bytes", "0", "max-bytes-per-second", "2000000"));
                Peer one = Peer.open(server.port(), "/ws/one");
                Peer two = Peer.open(server.port(), "/ws/two")) {
            long start = System.nanoTime();
            CompletableFuture<Long> first = CompletableFuture.supplyAsync(() -> exchangeMillis(one));
            exchangeMillis(two);
            first.join();
            assertThat((System.nanoTime() - start) / 1_000_000).as("3 MB").isGreaterThan(1_300);
        }
    }

    @Test
    void withoutAddressLimitsEachConnectionHasTheLimit() throws Exception {
        try (TestServer server = TestServer.start(Map.of(
                        "max-queued-bytes",
                        "0",
                        "max-bytes-per-second",
                        "1000000",
                        "max-connections-per-address",
                        "0"));
                Peer fast = Peer.open(server.port(), "/ws/fast");
                Peer other = Peer.open(server.port(), "/ws/other")) {
            assertOnlyFastWaits(fast, other);
        }
    }

    private static void assertOnlyFastWaits(Peer fast, Peer other) throws Exception {
        CompletableFuture<Long> millis = CompletableFuture.supplyAsync(() -> exchangeMillis(fast));
        int echoes = 0;
        while (!millis.isDone()) {
            other.sendText("\"1\"");
            assertThat(other.frame().text()).isEqualTo("\"1\"");
            echoes++;
            Thread.sleep(10);
        }
        assertThat(millis.get()).as("1.5 MB").isGreaterThan(1_300);
        assertThat(echoes).isGreaterThan(10);
    }

    /** Sends messages and reads them back. Returns the time. */
    private static long exchangeMillis(Peer peer) {
        long start = System.nanoTime();
        try {
            for (int i = 0; i < MESSAGES; i++) {
                peer.sendText(MESSAGE);
            }
            for (int i = 0; i < MESSAGES; i++) {
                assertThat(peer.frame().payload()).hasSize(MESSAGE.length());
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return (System.nanoTime() - start) / 1_000_000;
    }
}
