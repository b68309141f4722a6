package dev.tutti.standalone.guard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Budget;
import dev.tutti.standalone.Peer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class FrameParserPropertyTest {
    private static final ScheduledExecutorService CLOCK = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    });

    private static final int MAX = 1 << 20;
    private static final int FINAL = 0x80;

    private static FrameParser parser() {
        return new FrameParser(MAX, MAX, () -> 0, () -> true);
    }

    /** A message, the lengths of its fragments, and the control frames between them. */
    private record Message(boolean isText, String text, List<Integer> cuts, List<Integer> controls) {
        List<byte[]> frames() {
            byte[] payload = text.getBytes(UTF_8);
            List<byte[]> frames = new ArrayList<>();
            int from = 0;
            for (int i = 0; i <= cuts.size(); i++) {
                int to = i == cuts.size() ? payload.length : Math.min(payload.length, from + cuts.get(i));
                int opcode = i > 0 ? Peer.CONTINUATION : isText ? Peer.TEXT : Peer.BINARY;
                byte[] part = new byte[to - from];
                System.arraycopy(payload, from, part, 0, part.length);
                frames.add(Peer.frame(i == cuts.size() ? FINAL | opcode : opcode, part));
                if (i < controls.size()) {
                    frames.add(Peer.frame(FINAL | (i % 2 == 0 ? Peer.PING : Peer.PONG), new byte[controls.get(i)]));
                }
                from = to;
            }
            return frames;
        }
    }

    @Provide
    Arbitrary<byte[]> traffic() {
        Arbitrary<Message> said = Combinators.combine(
                        Arbitraries.of(true, false),
                        Arbitraries.strings().ofMaxLength(300).map(FrameParserPropertyTest::wellFormed),
                        Arbitraries.integers().between(0, 70).list().ofMaxSize(5),
                        Arbitraries.integers().between(0, 125).list().ofMaxSize(3))
                .as(Message::new);
        return said.list().ofMaxSize(8).map(all -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            all.forEach(one -> one.frames().forEach(bytes::writeBytes));
            return bytes.toByteArray();
        });
    }

    /** Replaces lone surrogates, which UTF-8 cannot encode. */
    private static String wellFormed(String text) {
        return new String(text.getBytes(UTF_8), UTF_8);
    }

    /** Reads bytes in random pieces. Returns the number of bytes in valid frames. */
    private static int read(FrameParser parser, byte[] bytes, long seed, int longest) {
        Random random = new Random(seed);
        int valid = 0;
        for (int from = 0; from < bytes.length; ) {
            int to = Math.min(bytes.length, from + 1 + random.nextInt(longest));
            valid += FrameParserTest.read(parser, ByteBuffer.wrap(bytes, from, to - from));
            from = to;
        }
        return valid;
    }

    @Property(tries = 500)
    void validTrafficPassesUnchangedInAnyReads(@ForAll("traffic") byte[] traffic, @ForAll long seed) {
        byte[] read = traffic.clone();
        FrameParser parser = parser();
        assertThat(read(parser, read, seed, 40)).isEqualTo(traffic.length);
        assertThat(parser.violation()).isNull();
        assertThat(parser.hasEnded()).isFalse();
        assertThat(read).isEqualTo(traffic);
    }

    /** Returns messages and control frames with their opcodes: fragments joined, payloads unmasked. */
    private static List<String> messages(List<ByteBuffer> frames) {
        List<String> messages = new ArrayList<>();
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        int opcode = 0;
        for (ByteBuffer bytes : frames) {
            while (bytes.hasRemaining()) {
                int first = bytes.get() & 0xFF;
                int second = bytes.get() & 0xFF;
                int length = (second & 0x7F) == 126 ? bytes.getShort() & 0xFFFF : second & 0x7F;
                byte[] mask = new byte[4];
                if (second >= 0x80) {
                    bytes.get(mask);
                }
                byte[] payload = new byte[length];
                bytes.get(payload);
                for (int i = 0; i < length; i++) {
                    payload[i] ^= mask[i % 4];
                }
                if ((first & 8) != 0) {
                    messages.add(first + HexFormat.of().formatHex(payload));
                    continue;
                }
                opcode = (first & 0xF) == 0 ? opcode : first & 0xF;
                message.writeBytes(payload);
                if (first >= 0x80) {
                    messages.add(opcode + HexFormat.of().formatHex(message.toByteArray()));
                    message.reset();
                }
            }
        }
        return messages;
    }

    @Property(tries = 500)
    void messagesPassWholeInAnyReads(@ForAll("traffic") byte[] traffic, @ForAll long seed) {
        Budget budget = new Budget(1 << 30);
        UnfinishedMessages all =
                new UnfinishedMessages(budget, new Deadlines(CLOCK, System::nanoTime), System::nanoTime);
        MessageAssembler assembler = new MessageAssembler(parser(), all.create("", "", breach -> {
            throw new AssertionError(breach);
        }));
        List<ByteBuffer> whole = new ArrayList<>();
        Random random = new Random(seed);
        for (int from = 0; from < traffic.length; ) {
            int to = Math.min(traffic.length, from + 1 + random.nextInt(40));
            List<ByteBuffer> passed = new ArrayList<>();
            assertThat(assembler.read(ByteBuffer.wrap(traffic.clone(), from, to - from), passed))
                    .isTrue();
            passed.forEach(frames -> assertThat(frames.get(frames.position()) & 0x70)
                    .as("begins with a frame")
                    .isZero());
            whole.addAll(passed);
            from = to;
        }
        assertThat(messages(whole)).isEqualTo(messages(List.of(ByteBuffer.wrap(traffic))));
        assertThat(budget.usedBytes(Budget.Share.INPUT)).isZero();
    }

    @Property(tries = 500)
    void corruptTrafficEndsTheSameInAnyReads(
            @ForAll("traffic") byte[] traffic, @ForAll @Size(max = 6) List<Integer> changes, @ForAll long seed) {
        byte[] corrupt = traffic.clone();
        for (int change : changes) {
            if (corrupt.length > 0) {
                corrupt[Math.floorMod(change, corrupt.length)] = (byte) (change >> 16);
            }
        }
        FrameParser whole = parser();
        int valid = FrameParserTest.read(whole, ByteBuffer.wrap(corrupt));
        assertThat(valid).isBetween(0, corrupt.length);
        FrameParser split = parser();
        int validInPieces = read(split, corrupt, seed, 20);
        assertThat(split.violation()).isEqualTo(whole.violation());
        assertThat(split.hasEnded()).isEqualTo(whole.hasEnded());
        if (whole.violation() == null) {
            assertThat(validInPieces).isEqualTo(valid);
        } else {
            assertThat(validInPieces)
                    .isGreaterThanOrEqualTo(valid); // earlier reads include the start of the invalid frame
        }
    }

    @Property(tries = 500)
    void noiseNeverThrows(@ForAll byte[] noise, @ForAll long seed) {
        read(parser(), noise, seed, 20);
    }

    @Property
    void utf8AgreesWithTheJdk(@ForAll @Size(max = 6) byte[] bytes) {
        Utf8Validator utf8 = new Utf8Validator();
        boolean accepted = true;
        for (byte b : bytes) {
            accepted = accepted && utf8.accept(b & 0xFF);
        }
        boolean valid;
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            valid = true;
        } catch (CharacterCodingException e) {
            valid = false;
        }
        assertThat(accepted && utf8.isWhole()).isEqualTo(valid);
    }
}
