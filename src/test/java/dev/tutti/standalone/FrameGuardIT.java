package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tutti.standalone.guard.MessageCheck;
import java.io.IOException;
import java.net.SocketException;
import java.util.HexFormat;
import java.util.Map;
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

    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start(Map.of());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void assertServerHealthy() throws IOException {
        server.assertHealthy();
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    static byte[] repeated(byte[] frame, int times) {
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
        byte[] all = repeated(fragment, MessageCheck.MAX_TINY_FRAGMENTS + 1);
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
}
