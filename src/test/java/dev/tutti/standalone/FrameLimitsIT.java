package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tutti.Tutti;
import dev.tutti.hub.Budget;
import dev.tutti.hub.LimitBreach;
import dev.tutti.standalone.guard.UnfinishedMessage;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits on unfinished messages, pongs and clients that do not read, on a socket. */
class FrameLimitsIT {
    private static final int FINAL = 0x80;
    private static final AtomicLong ADVANCED_NANOS = new AtomicLong();

    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start(Map.of(), () -> System.nanoTime() + ADVANCED_NANOS.get());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void assertServerHealthy() throws IOException {
        server.assertHealthy();
    }

    @Test
    void unreadPongsAreBounded() throws IOException {
        server.close();
        AtomicLong pingsClock = new AtomicLong(); // each ping is 20 ms after the last
        try (TestServer slow = TestServer.start(Map.of(), () -> pingsClock.addAndGet(20_000_000));
                Peer peer = Peer.connect(slow.port(), 4096)) {
            peer.upgrade("/ws");
            int pings = 200_000;
            byte[] thousand = FrameGuardIT.repeated(Peer.frame(FINAL | Peer.PING, new byte[125]), 1000);
            for (int i = 0; i < pings / 1000; i++) {
                peer.send(thousand);
            }
            peer.sendText("\"end\"");
            int pongs = 0;
            while (peer.frame().opcode() == Peer.PONG) {
                pongs++;
            }
            assertThat(pongs).isLessThan(pings / 2); // the system's buffers, and 16 pending pongs
            peer.send(Peer.frame(FINAL | Peer.PING, (byte) 1));
            assertThat(peer.frame().opcode()).isEqualTo(Peer.PONG);
        } finally {
            start();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"88 82 00000000 03e8", "c1 80 00000000"})
    void closingClientThatNeverReadsIsGoneIn2Seconds(String end) throws IOException {
        server.close();
        try (TestServer patient = TestServer.start(Map.of("max-queued-bytes", "1000000000"));
                Peer stalled = Peer.connect(patient.port(), 4096);
                Peer sender = Peer.open(patient.port(), "/ws")) {
            stalled.upgrade("/ws");
            String message = "\"" + "a".repeat(60_000) + "\"";
            for (int i = 0; i < 200; i++) { // 12 MB: more than the system's buffers hold
                sender.sendText(message);
                sender.frame();
            }
            assertThat(patient.clients()).isEqualTo(2);
            stalled.send(FrameGuardIT.bytes(end));
            await().atMost(Duration.ofSeconds(5)).until(() -> patient.clients() == 1);
            assertThatThrownBy(() -> {
                        while (true) {
                            stalled.frame();
                        }
                    })
                    .isInstanceOfAny(EOFException.class, SocketException.class);
            sender.sendText("\"well\"");
            assertThat(sender.frame().text()).isEqualTo("\"well\"");
        } finally {
            start();
        }
    }

    /** Returns the header of a binary frame with a payload of {@code length} bytes and a mask of zeros. */
    private static byte[] binaryHeader(int length) {
        return ByteBuffer.allocate(14)
                .put((byte) (FINAL | Peer.BINARY))
                .put((byte) 0xFF)
                .putLong(length)
                .array();
    }

    private static long inputBytes() {
        return Tutti.current().parts().hub().budget().usedBytes(Budget.Share.INPUT);
    }

    @Test
    void unfinishedMessagesAreBudgetedLargestGoFirst() throws IOException {
        server.close();
        Map<String, String> small = Map.of("memory-budget", "50000000", "max-connections-per-address", "0");
        List<Peer> attackers = new ArrayList<>();
        try (TestServer limited = TestServer.start(small);
                Peer other = Peer.open(limited.port(), "/ws")) {
            long limit = Tutti.current().parts().hub().budget().limitBytes(Budget.Share.INPUT);
            byte[] most = new byte[4_000_000];
            for (int i = 0; i < 10; i++) {
                Peer attacker = Peer.open(limited.port(), "/yjs/attacked");
                attackers.add(attacker);
                attacker.send(binaryHeader(4_194_000));
                attacker.send(most);
                other.sendText("\"" + "b".repeat(50_000) + "\"");
                assertThat(other.frame().payload()).hasSize(50_002);
                assertThat(inputBytes()).isLessThanOrEqualTo(limit);
            }
            await().untilAsserted(() -> assertThat(limited.clients()).isLessThan(5));
            Peer.Frame close = attackers.get(0).closeFrame();
            assertThat(close.code()).isEqualTo(1013);
            assertThat(close.reason()).isEqualTo(LimitBreach.MEMORY.reason());
            for (Peer attacker : attackers) {
                attacker.close();
            }
            await().untilAsserted(() -> assertThat(inputBytes()).isZero());
        } finally {
            start();
        }
    }

    @Test
    void slowMessageIsClosed() throws IOException {
        try (Peer slow = Peer.open(server.port(), "/yjs/slow");
                Peer steady = Peer.open(server.port(), "/yjs/steady")) {
            slow.send(binaryHeader(1_000_000));
            slow.send(new byte[1]);
            steady.send(binaryHeader(4_000_000));
            steady.send(new byte[2_000_000]);
            await().until(() -> inputBytes() >= 2_000_000);
            ADVANCED_NANOS.addAndGet(TimeUnit.SECONDS.toNanos(UnfinishedMessage.MAX_SECONDS + 1));
            Peer.Frame close = slow.closeFrame();
            assertThat(close.code()).isEqualTo(1008);
            assertThat(close.reason()).isEqualTo(LimitBreach.MESSAGE_TIME.reason());
            assertThat(server.clients()).isEqualTo(1);
            ADVANCED_NANOS.addAndGet(TimeUnit.SECONDS.toNanos(2_000_000 / UnfinishedMessage.MIN_BYTES_PER_SECOND));
            assertThat(steady.closeFrame().code()).isEqualTo(1008);
        }
    }

    @Test
    void segmentedMessageIsReleasedWhenWhole() throws IOException {
        try (Peer peer = Peer.open(server.port(), "/ws")) {
            byte[] frame = Peer.frame(FINAL | Peer.TEXT, ("\"" + "a".repeat(60_000) + "\"").getBytes(UTF_8));
            peer.send(Arrays.copyOf(frame, 30_000));
            await().until(() -> inputBytes() >= 29_000);
            peer.send(Arrays.copyOfRange(frame, 30_000, frame.length));
            assertThat(peer.frame().payload()).hasSize(60_002);
            await().untilAsserted(() -> assertThat(inputBytes()).isZero());
        }
    }

    @Test
    void largeMessagesInOneReadAreDelivered() throws IOException {
        server.close();
        try (TestServer large =
                        TestServer.start(Map.of("max-message-bytes", "4000000", "max-queued-bytes", "100000000"));
                Peer peer = Peer.open(large.port(), "/ws")) {
            String text = "\"" + "a".repeat(3_000_000) + "\"";
            byte[] frame = Peer.frame(FINAL | Peer.TEXT, text.getBytes(UTF_8));
            peer.send(FrameGuardIT.repeated(frame, 5));
            for (int i = 0; i < 5; i++) {
                assertThat(peer.frame().text()).isEqualTo(text);
            }
        } finally {
            start();
        }
    }

    @Test
    void floodingClientReadsCloseFrame() throws IOException {
        server.close();
        try (TestServer strict = TestServer.start(Map.of("max-messages-per-second", "10", "max-message-burst", "10"));
                Peer flooding = Peer.open(strict.port(), "/ws")) {
            flooding.send(FrameGuardIT.repeated(Peer.frame(FINAL | Peer.TEXT, "\"a\"".getBytes(UTF_8)), 20));
            byte[] more = Peer.frame(FINAL | Peer.TEXT, ("\"" + "a".repeat(60_000) + "\"").getBytes(UTF_8));
            for (int i = 0; i < 150; i++) { // 9 MB: more than the system's buffers hold
                flooding.send(more);
            }
            assertThat(flooding.closeFrame().code()).isEqualTo(1008);
            assertThat(flooding.socket().getInputStream().read())
                    .as("end of stream")
                    .isEqualTo(-1);
        } finally {
            start();
        }
    }

    /** Returns the system's socket table entries from one port to another. */
    private static List<String> sockets(int from, int to) throws IOException {
        Pattern ends = Pattern.compile(String.format(" *\\d+: \\S+:%04X \\S+:%04X .*", from, to));
        List<String> lines = new ArrayList<>(Files.readAllLines(Path.of("/proc/net/tcp")));
        lines.addAll(Files.readAllLines(Path.of("/proc/net/tcp6")));
        return lines.stream().filter(ends.asMatchPredicate()).toList();
    }

    @Test
    void slowClientIsResetAfterClose() throws IOException {
        server.close();
        try (TestServer hasty = TestServer.start(Map.of("max-queued-bytes", "1000000"));
                Peer stalled = Peer.connect(hasty.port(), 4096);
                Peer sender = Peer.open(hasty.port(), "/ws")) {
            stalled.upgrade("/ws");
            String message = "\"" + "a".repeat(60_000) + "\"";
            await().until(() -> hasty.clients() == 2);
            for (int i = 0; hasty.clients() > 1 && i < 500; i++) {
                sender.sendText(message);
                sender.frame();
            }
            await().untilAsserted(() -> assertThat(hasty.clients()).isEqualTo(1));
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(
                                    sockets(hasty.port(), stalled.socket().getLocalPort()))
                            .isEmpty());
            assertThatThrownBy(() -> {
                        while (true) {
                            stalled.frame();
                        }
                    })
                    .isInstanceOf(SocketException.class);
        } finally {
            start();
        }
    }

    @Test
    void withoutLimitMessagesOver4MiBGet1009() throws IOException {
        server.close();
        try (TestServer unlimited = TestServer.start(Map.of("max-message-bytes", "0"));
                Peer peer = Peer.open(unlimited.port(), "/ws")) {
            String large = "\"" + "a".repeat(3 << 20) + "\"";
            peer.sendText(large);
            assertThat(peer.frame().text()).isEqualTo(large);
            peer.send(FrameGuardIT.bytes("81 ff 0000000000400001"));
            assertThat(peer.closeFrame().code()).isEqualTo(1009);
        } finally {
            start();
        }
    }
}
