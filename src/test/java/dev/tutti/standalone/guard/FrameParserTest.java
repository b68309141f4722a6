package dev.tutti.standalone.guard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tutti.standalone.Peer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameParserTest {
    private static final int MAX = 1000;
    private static final int FINAL = 0x80;

    private final AtomicLong nanos = new AtomicLong();

    private FrameParser parser() {
        return new FrameParser(MAX, MAX, nanos::get, () -> true);
    }

    /** Reads a whole buffer. Returns the number of bytes in valid frames. */
    static int read(FrameParser parser, ByteBuffer bytes) {
        int at = bytes.position();
        int frame = at;
        while (at < bytes.limit() && !parser.hasEnded()) {
            frame = at;
            at = parser.read(bytes, at);
        }
        return (parser.violation() == null ? at : frame) - bytes.position();
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static byte[] text(int first, String payload) {
        return Peer.frame(first, payload.getBytes(UTF_8));
    }

    private static byte[] all(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static Stream<Arguments> violations() {
        return Stream.of(
                arguments(FrameViolation.RESERVED_BITS, bytes("c1")),
                arguments(FrameViolation.RESERVED_BITS, bytes("a1")),
                arguments(FrameViolation.RESERVED_BITS, bytes("91")),
                arguments(FrameViolation.RESERVED_OPCODE, bytes("83")),
                arguments(FrameViolation.RESERVED_OPCODE, bytes("87")),
                arguments(FrameViolation.RESERVED_OPCODE, bytes("8b")),
                arguments(FrameViolation.RESERVED_OPCODE, bytes("8f")),
                arguments(FrameViolation.UNMASKED, bytes("81 05")),
                arguments(FrameViolation.UNMASKED, bytes("88 00")),
                arguments(FrameViolation.FRAGMENTED_CONTROL, bytes("09")),
                arguments(FrameViolation.FRAGMENTED_CONTROL, bytes("08")),
                arguments(FrameViolation.OVERSIZED_CONTROL, bytes("89 fe")),
                arguments(FrameViolation.OVERSIZED_CONTROL, bytes("8a ff")),
                arguments(FrameViolation.UNEXPECTED_CONTINUATION, bytes("80")),
                arguments(FrameViolation.UNEXPECTED_CONTINUATION, all(text(FINAL | Peer.TEXT, "a"), bytes("00"))),
                arguments(FrameViolation.EXPECTED_CONTINUATION, all(text(Peer.TEXT, "a"), bytes("81"))),
                arguments(
                        FrameViolation.EXPECTED_CONTINUATION,
                        all(Peer.frame(Peer.BINARY), Peer.frame(FINAL | Peer.PING), bytes("02"))),
                arguments(FrameViolation.NON_MINIMAL_LENGTH, bytes("81 fe 007d")),
                arguments(FrameViolation.NON_MINIMAL_LENGTH, bytes("81 ff 000000000000ffff")),
                arguments(FrameViolation.NON_MINIMAL_LENGTH, bytes("81 ff 0000000000000000")),
                arguments(FrameViolation.LENGTH_OVER_63_BITS, bytes("81 ff 80")),
                arguments(FrameViolation.LENGTH_OVER_63_BITS, bytes("82 ff ff")),
                arguments(FrameViolation.MESSAGE_TOO_LARGE, bytes("81 fe 03e9")),
                arguments(FrameViolation.MESSAGE_TOO_LARGE, bytes("82 ff 7fffffffffffffff")),
                arguments(FrameViolation.MESSAGE_TOO_LARGE, all(text(Peer.TEXT, "a".repeat(600)), bytes("80 fe 0191"))),
                arguments(FrameViolation.TRUNCATED_CLOSE_CODE, bytes("88 81")),
                arguments(FrameViolation.INVALID_CLOSE_REASON, Peer.frame(FINAL | Peer.CLOSE, bytes("03e8 ff"))),
                arguments(FrameViolation.INVALID_CLOSE_REASON, Peer.frame(FINAL | Peer.CLOSE, bytes("03e8 c3"))));
    }

    @ParameterizedTest(name = "{0} {index}")
    @MethodSource("violations")
    void violationIsFoundAtTheSameByteInAnyReads(FrameViolation violation, byte[] bytes) {
        FrameParser whole = parser();
        read(whole, ByteBuffer.wrap(bytes));
        assertThat(whole.violation()).isEqualTo(violation);

        FrameParser split = parser();
        for (int i = 0; i < bytes.length; i++) {
            assertThat(split.hasEnded())
                    .as("ended at byte %d of %d", i, bytes.length)
                    .isFalse();
            read(split, ByteBuffer.wrap(bytes, i, 1));
        }
        assertThat(split.violation()).isEqualTo(violation);
    }

    @Test
    void validFramesBeforeViolationAreCounted() {
        byte[] valid = text(FINAL | Peer.TEXT, "valid");
        FrameParser parser = parser();
        assertThat(read(parser, ByteBuffer.wrap(all(valid, valid, bytes("c1 80")))))
                .isEqualTo(2 * valid.length);
        assertThat(read(parser, ByteBuffer.wrap(valid))).isZero();
        assertThat(parser.violation()).isEqualTo(FrameViolation.RESERVED_BITS);
    }

    @Test
    void nothingIsReadAfterClose() {
        byte[] close = Peer.frame(FINAL | Peer.CLOSE, bytes("03e8"));
        FrameParser parser = parser();
        assertThat(read(parser, ByteBuffer.wrap(all(close, bytes("ffff"))))).isEqualTo(close.length);
        assertThat(parser.hasEnded()).isTrue();
        assertThat(parser.violation()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
    void validCloseCodeIsAccepted(int code) {
        assertThat(closedWith(code)).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
    void invalidCloseCodeIsViolation(int code) {
        assertThat(closedWith(code)).isEqualTo(FrameViolation.INVALID_CLOSE_CODE);
    }

    private FrameViolation closedWith(int code) {
        FrameParser parser = parser();
        read(parser, ByteBuffer.wrap(Peer.frame(FINAL | Peer.CLOSE, (byte) (code >> 8), (byte) code)));
        assertThat(parser.hasEnded()).isTrue();
        return parser.violation();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80",
                "bf",
                "c080",
                "c1bf",
                "e08080",
                "e09fbf",
                "eda080",
                "edbfbf",
                "f0808080",
                "f08fbfbf",
                "f4908080",
                "f5808080",
                "f8888080",
                "ff",
                "c3",
                "c328",
                "e28228",
                "f09f9828",
                "e282"
            })
    void malformedUtf8IsViolation(String hex) {
        byte[] bad = bytes(hex);
        assertThat(endOf(Peer.frame(FINAL | Peer.TEXT, bad))).isEqualTo(FrameViolation.INVALID_UTF8);
        assertThat(endOf(Peer.frame(FINAL | Peer.TEXT, all("long enough for eight".getBytes(UTF_8), bad))))
                .isEqualTo(FrameViolation.INVALID_UTF8);
        assertThat(endOf(Peer.frame(FINAL | Peer.BINARY, bad))).isNull();
    }

    private FrameViolation endOf(byte[] frames) {
        FrameParser parser = parser();
        read(parser, ByteBuffer.wrap(frames));
        return parser.violation();
    }

    @Test
    void malformedUtf8IsFoundBeforeFrameEnds() {
        byte[] frame = Peer.frame(FINAL | Peer.TEXT, all(new byte[20], bytes("ff"), new byte[900]));
        FrameParser parser = parser();
        read(parser, ByteBuffer.wrap(frame, 0, 8 + 20));
        assertThat(parser.violation()).isNull();
        read(parser, ByteBuffer.wrap(frame, 8 + 20, 1));
        assertThat(parser.violation()).isEqualTo(FrameViolation.INVALID_UTF8);
    }

    @Test
    void characterMaySpanFragments() {
        byte[] smile = "😀".getBytes(UTF_8);
        FrameParser parser = parser();
        byte[] frames = all(
                Peer.frame(Peer.TEXT, smile[0]),
                Peer.frame(FINAL | Peer.PING, (byte) 0xFF),
                Peer.frame(Peer.CONTINUATION, smile[1], smile[2]),
                Peer.frame(Peer.CONTINUATION),
                Peer.frame(FINAL | Peer.PONG),
                Peer.frame(FINAL, smile[3]),
                text(FINAL | Peer.TEXT, "next"));
        assertThat(read(parser, ByteBuffer.wrap(frames))).isEqualTo(frames.length);
        assertThat(parser.violation()).isNull();
    }

    @Test
    void messageAtTheLimitIsAccepted() {
        assertThat(endOf(text(FINAL | Peer.TEXT, "a".repeat(MAX)))).isNull();
        assertThat(endOf(all(text(Peer.TEXT, "a".repeat(MAX - 1)), text(FINAL, "a"))))
                .isNull();
        assertThat(endOf(all(text(FINAL | Peer.TEXT, "a".repeat(MAX)), text(FINAL | Peer.TEXT, "a".repeat(MAX)))))
                .isNull();
    }

    @Test
    void tooManyTinyFragmentsAreViolation() {
        FrameParser parser = parser();
        read(parser, ByteBuffer.wrap(Peer.frame(Peer.TEXT)));
        for (int i = 1; i < MessageCheck.MAX_TINY_FRAGMENTS; i++) {
            read(parser, ByteBuffer.wrap(Peer.frame(Peer.CONTINUATION)));
        }
        assertThat(parser.violation()).isNull();
        read(parser, ByteBuffer.wrap(Peer.frame(Peer.CONTINUATION)));
        assertThat(parser.violation()).isEqualTo(FrameViolation.FRAGMENT_FLOOD);
    }

    @Test
    void smallMessagesAreNotFragments() {
        FrameParser parser = parser();
        for (int i = 0; i < 2 * MessageCheck.MAX_TINY_FRAGMENTS; i++) {
            read(parser, ByteBuffer.wrap(text(FINAL | Peer.TEXT, "a")));
        }
        assertThat(parser.violation()).isNull();
    }

    @Test
    void controlFloodIsViolation() {
        FrameParser parser = parser();
        for (int second = 0; second < 3; second++) {
            for (int i = 0; i < ControlRate.MAX_PER_SECOND; i++) {
                read(parser, ByteBuffer.wrap(Peer.frame(FINAL | (i % 2 == 0 ? Peer.PING : Peer.PONG))));
            }
            assertThat(parser.violation()).isNull();
            nanos.addAndGet(1_000_000_000L);
        }
        nanos.decrementAndGet();
        IntStream.rangeClosed(0, ControlRate.MAX_PER_SECOND)
                .forEach(i -> read(parser, ByteBuffer.wrap(Peer.frame(FINAL | Peer.PING))));
        assertThat(parser.violation()).isEqualTo(FrameViolation.CONTROL_FLOOD);
    }

    @Test
    void pingOverTheLimitBecomesPong() {
        FrameParser parser = new FrameParser(MAX, MAX, nanos::get, () -> false);
        byte[] frames = all(Peer.frame(FINAL | Peer.PING, (byte) 1), Peer.frame(FINAL | Peer.PONG));
        byte[] expected = Arrays.copyOf(frames, frames.length);
        expected[0] = (byte) (FINAL | Peer.PONG);
        assertThat(read(parser, ByteBuffer.wrap(frames))).isEqualTo(frames.length);
        assertThat(frames).isEqualTo(expected);
    }

    @Test
    void reasonsFitACloseFrame() {
        assertThat(FrameViolation.values())
                .allSatisfy(violation ->
                        assertThat(violation.reason().getBytes(UTF_8)).hasSizeLessThanOrEqualTo(123));
    }
}
