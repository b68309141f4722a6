package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tutti.Tutti;
import dev.tutti.hub.Budget;
import dev.tutti.hub.LimitBreach;
import dev.tutti.standalone.guard.FrameParser;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule for frames, on a socket: the close frame, the end of the connection, and another client that is unaffected. */
class FrameGuardIT {
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

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static byte[] repeated(byte[] frame, int times) {
        byte[] all = new byte[frame.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(frame, 0, all, i * frame.length, frame.length);
        }
        return all;
    }

    static Stream<Arguments> violations() {
        return Stream.of(
                arguments("a reserved bit", 1002, bytes("c1 80 00000000")),
                arguments("a reserved opcode", 1002, bytes("83 80 00000000")),
                arguments("a reserved control opcode", 1002, bytes("8b 80 00000000")),
                arguments("an unmasked text", 1002, bytes("81 03 22 61 22")),
                arguments("an unmasked close", 1002, bytes("88 00")),
                arguments("a ping in fragments", 1002, bytes("09 80 00000000")),
                arguments("a ping of 126 bytes", 1002, bytes("89 fe 007e 00000000")),
                arguments("a continuation of nothing", 1002, bytes("80 80 00000000")),
                arguments("a message in a message", 1002, bytes("01 80 00000000 81 80 00000000")),
                arguments("a length in too many bytes", 1002, bytes("81 fe 0001 00000000 61")),
                arguments("a length of 64 bits", 1002, bytes("81 ff ffffffffffffffff 00000000")),
                arguments("a close of one byte", 1002, bytes("88 81 00000000 03")),
                arguments("a close with code 1005", 1002, bytes("88 82 00000000 03ed")),
                arguments("a close with code 2000", 1002, bytes("88 82 00000000 07d0")),
                arguments("a close whose reason is no UTF-8", 1002, bytes("88 83 00000000 03e8 ff")),
                arguments("a text that is no UTF-8", 1007, bytes("81 82 00000000 c0af")),
                arguments("half a character", 1007, bytes("81 81 00000000 c3")),
                arguments("bad text in a frame that does not end", 1007, bytes("81 e4 00000000 61 ff")),
                arguments("a bad second fragment", 1007, bytes("01 81 00000000 c3 00 81 00000000 28")),
                arguments("an announced length over the limit", 1009, bytes("81 ff 0000000000010001")),
                arguments("an announced length of exabytes", 1009, bytes("82 ff 7fffffffffffffff")),
                arguments("tiny fragments without end", 1008, tinyFragments(bytes("00 80 00000000"))),
                arguments("pings without end", 1008, repeated(bytes("89 80 00000000"), 101)),
                arguments("pongs without end", 1008, repeated(bytes("8a 80 00000000"), 101)));
    }

    /** Returns the start of a message with too many empty fragments. */
    private static byte[] tinyFragments(byte[] fragment) {
        byte[] all = repeated(fragment, FrameParser.MAX_TINY_FRAGMENTS + 1);
        all[0] = Peer.TEXT;
        return all;
    }

    /** Returns a client that has joined: it receives all further messages. The response to a handshake may arrive before the join. */
    private static Peer other() throws IOException {
        Peer other = Peer.open(server.port(), "/ws");
        other.sendText("\"here\"");
        assertThat(other.frame().text()).isEqualTo("\"here\"");
        return other;
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("violations")
    void violationClosesWithCodeAndReason(String name, int code, byte[] frames) throws IOException {
        try (Peer other = other();
                Peer peer = Peer.open(server.port(), "/ws")) {
            peer.sendText("\"before\"");
            assertThat(peer.frame().text()).isEqualTo("\"before\"");
            peer.send(frames);
            Peer.Frame close = peer.closeFrame();
            assertThat(close.code()).isEqualTo(code);
            assertThat(close.reason()).isNotBlank();
            assertThat(peer.rest()).isEmpty();

            other.sendText("\"after\"");
            assertThat(other.frame().text()).isEqualTo("\"before\"");
            assertThat(other.frame().text()).isEqualTo("\"after\"");
        }
    }

    @Test
    void fragmentsAreRefusedAtAnnouncedTotal() throws IOException {
        try (Peer peer = Peer.open(server.port(), "/ws")) {
            peer.send(Peer.frame(Peer.TEXT, new byte[40_000]));
            peer.send(bytes("80 fe 9c40")); // announces 40 000 more bytes and sends none
            assertThat(peer.closeFrame().code()).isEqualTo(1009);
        }
    }

    @Test
    void validFramesBeforeViolationAreDelivered() throws IOException {
        try (Peer other = other();
                Peer peer = Peer.open(server.port(), "/ws")) {
            byte[] good = Peer.frame(FINAL | Peer.TEXT, "\"good\"".getBytes(UTF_8));
            byte[] both = new byte[good.length + 2];
            System.arraycopy(good, 0, both, 0, good.length);
            both[good.length] = (byte) 0xC1;
            peer.send(both);
            assertThat(other.frame().text()).isEqualTo("\"good\"");
            assertThat(peer.closeFrame().code()).isEqualTo(1002);
        }
    }

    @Test
    void framesAfterViolationAreDropped() throws IOException {
        try (Peer other = other();
                Peer peer = Peer.open(server.port(), "/ws")) {
            peer.send(bytes("c1 80 00000000"));
            peer.sendText("\"ignored\"");
            assertThat(peer.closeFrame().code()).isEqualTo(1002);
            other.sendText("\"first\"");
            assertThat(other.frame().text()).isEqualTo("\"first\"");
        }
    }

    @Test
    void closeFrameArrivesWhileClientSends() throws IOException {
        try (Peer peer = Peer.open(server.port(), "/ws")) {
            byte[] flood = new byte[1 << 16];
            peer.send(bytes("81 ff 0000000000100000 00000000"));
            try {
                for (int i = 0; i < 16; i++) {
                    peer.send(flood);
                }
            } catch (SocketException e) {
                // the server has closed
            }
            assertThat(peer.closeFrame().code()).isEqualTo(1009);
        }
    }

    @Test
    void binaryMessageReachesTheEndpoint() throws IOException {
        try (Peer peer = Peer.open(server.port(), "/ws")) {
            peer.send(Peer.frame(FINAL | Peer.BINARY, (byte) 0xFF));
            assertThat(peer.closeFrame().code()).isEqualTo(1003);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "03e8", "0fa0", "03f4 646f6e65"})
    void closeFrameIsAnsweredAndConnectionEnds(String payload) throws IOException {
        try (Peer peer = Peer.open(server.port(), "/ws")) {
            peer.send(Peer.frame(FINAL | Peer.CLOSE, bytes(payload)));
            peer.closeFrame();
            assertThat(peer.rest()).isEmpty();
        }
    }

    @Test
    void pingBetweenFragmentsIsAnswered() throws IOException {
        try (Peer peer = Peer.open(server.port(), "/ws")) {
            peer.send(Peer.frame(Peer.TEXT, "\"a".getBytes(UTF_8)));
            peer.send(Peer.frame(FINAL | Peer.PING, "alive?".getBytes(UTF_8)));
            peer.send(Peer.frame(FINAL, "b\"".getBytes(UTF_8)));
            Peer.Frame pong = peer.frame();
            assertThat(pong.opcode()).isEqualTo(Peer.PONG);
            assertThat(pong.text()).isEqualTo("alive?");
            assertThat(peer.frame().text()).isEqualTo("\"ab\"");
        }
    }

    @Test
    void framesInSingleBytesAreDelivered() throws IOException {
        try (Peer peer = Peer.open(server.port(), "/ws")) {
            for (byte b : Peer.frame(FINAL | Peer.TEXT, "\"grüße 😀\"".getBytes(UTF_8))) {
                peer.send(new byte[] {b});
            }
            assertThat(peer.frame().text()).isEqualTo("\"grüße 😀\"");
        }
    }

    @Test
    void unreadPongsAreBounded() throws IOException {
        server.close();
        AtomicLong pingsClock = new AtomicLong(); // each ping is 20 ms after the last
        try (TestServer slow = TestServer.start(Map.of(), () -> pingsClock.addAndGet(20_000_000));
                Peer peer = Peer.connect(slow.port(), 4096)) {
            peer.upgrade("/ws");
            int pings = 200_000;
            byte[] thousand = repeated(Peer.frame(FINAL | Peer.PING, new byte[125]), 1000);
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
            stalled.send(bytes(end));
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
        return Tutti.current().hub().budget().usedBytes(Budget.Share.INPUT);
    }

    @Test
    void unfinishedMessagesAreBudgetedLargestGoFirst() throws IOException {
        server.close();
        Map<String, String> small = Map.of("memory-budget", "50000000", "max-connections-per-address", "0");
        List<Peer> attackers = new ArrayList<>();
        try (TestServer limited = TestServer.start(small);
                Peer other = Peer.open(limited.port(), "/ws")) {
            long limit = Tutti.current().hub().budget().limitBytes(Budget.Share.INPUT);
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
            peer.send(repeated(frame, 5));
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
            flooding.send(repeated(Peer.frame(FINAL | Peer.TEXT, "\"a\"".getBytes(UTF_8)), 20));
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
            peer.send(bytes("81 ff 0000000000400001"));
            assertThat(peer.closeFrame().code()).isEqualTo(1009);
        } finally {
            start();
        }
    }
}
