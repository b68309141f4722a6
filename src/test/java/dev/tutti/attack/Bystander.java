package dev.tutti.attack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.standalone.Peer;
import dev.tutti.yjs.UpdateBuilder;
import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Somebody who means well: speaks in a room, in another by {@code tutti.v1}, and writes a document that somebody reads, a hundred times a
 * second each, and measures how long it takes to be heard. Confined to one thread.
 */
final class Bystander implements Closeable {
    private static final int PERIOD_MILLIS = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String DOCUMENT = "bystander";
    private static final Pattern STATE_VECTOR = Pattern.compile("\"stateVector\":\"([^\"]*)\"");

    private final Target target;
    private final List<Voice> voices;
    private final Document document;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    Bystander(Target target) throws IOException {
        this.target = target;
        this.document = new Document(target);
        this.voices = List.of(new Plain(target), new Tutti(target), document);
        voices.forEach(Voice::start);
        var unused = clock.scheduleAtFixedRate(() -> voices.forEach(Voice::say), 0, PERIOD_MILLIS, MILLISECONDS);
    }

    /** Waits until so many more numbers have come back everywhere. */
    void awaitEchoes(int count) {
        List<Long> until = voices.stream().map(voice -> voice.said() + count).toList();
        await().atMost(PATIENCE).until(() -> haveHeard(until));
        assertThat(failures()).isEmpty();
    }

    /** Returns whether each voice has said so many numbers and heard them, or will say no more. */
    private boolean haveHeard(List<Long> counts) {
        boolean all = true;
        for (int i = 0; i < counts.size(); i++) {
            Voice voice = voices.get(i);
            all &= voice.failure() != null || (voice.said() >= counts.get(i) && voice.hasHeard(counts.get(i)));
        }
        return all;
    }

    /** Begins to measure. */
    void begin() {
        voices.forEach(Voice::begin);
    }

    /** Returns what was measured since {@link #begin}, at least {@code count} echoes each, once all is back that was said until now. */
    Latency measured(int count) {
        List<Long> said = voices.stream()
                .map(voice -> Math.max(voice.said(), voice.first() + count))
                .toList();
        try {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> haveHeard(said));
        } catch (ConditionTimeoutException e) {
            // what is under way counts with the time that it has taken so far
        }
        long[] nanos = voices.stream()
                .flatMap(voice -> voice.measured().stream())
                .mapToLong(Long::longValue)
                .toArray();
        return nanos.length == 0 ? new Latency(0, 0, 0) : Latency.of(nanos);
    }

    /** Returns what went wrong on its connections, for people. */
    List<String> failures() {
        return voices.stream().map(Voice::failure).filter(Objects::nonNull).toList();
    }

    /** Returns whether all that it has written until now is stored within some seconds. */
    boolean isStored() {
        long written = document.said();
        try {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .ignoreExceptionsMatching(IOException.class::isInstance)
                    .until(() -> storedClock() >= written);
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }

    private long storedClock() throws IOException, InterruptedException, MalformedUpdateException {
        Matcher vector = STATE_VECTOR.matcher(
                target.get("/api/documents/" + DOCUMENT + "/stored").body());
        if (!vector.find()) {
            throw new IOException("the server does not say how far the document is stored");
        }
        Lib0Reader in = new Lib0Reader(Base64.getDecoder().decode(vector.group(1)));
        for (long left = in.readVarUint(); left > 0; left--) {
            long client = in.readVarUint();
            long clock = in.readVarUint();
            if (client == document.author) {
                return clock;
            }
        }
        return 0;
    }

    @Override
    public void close() throws IOException {
        clock.shutdownNow();
        for (Voice voice : voices) {
            voice.close();
        }
    }

    /** In a room of its own. */
    private static final class Plain extends Voice {
        Plain(Target target) throws IOException {
            this(Peer.open(target.port(), target.path("/ws/bystander")));
        }

        private Plain(Peer peer) {
            super(peer, peer);
        }

        @Override
        byte[] encode(long number) {
            return Peer.frame(0x80 | Peer.TEXT, ("\"" + number + "\"").getBytes(UTF_8));
        }

        @Override
        List<Long> decode(Peer.Frame frame) {
            return List.of(Long.parseLong(frame.text().replace("\"", "")));
        }
    }

    /** In another, by {@code tutti.v1}. */
    private static final class Tutti extends Voice {
        private static final Pattern MESSAGE = Pattern.compile("\"type\":\"message\".*\"data\":(\\d+)\\}");

        Tutti(Target target) throws IOException {
            this(join(target));
        }

        private Tutti(Peer peer) {
            super(peer, peer);
        }

        private static Peer join(Target target) throws IOException {
            Peer peer = Peer.connect(target.port());
            peer.send(Peer.handshake(target.path("/connect"), "Sec-WebSocket-Protocol: tutti.v1\r\n"));
            if (!peer.head().startsWith("HTTP/1.1 101")) {
                throw new IOException("the bystander is not let in");
            }
            peer.sendText("{\"type\":\"join\",\"id\":1,\"room\":\"bystander-2\"}");
            return peer;
        }

        @Override
        byte[] encode(long number) {
            String request = "{\"type\":\"publish\",\"room\":\"bystander-2\",\"data\":" + number + "}";
            return Peer.frame(0x80 | Peer.TEXT, request.getBytes(UTF_8));
        }

        @Override
        List<Long> decode(Peer.Frame frame) {
            Matcher messages = MESSAGE.matcher(frame.text());
            return messages.results()
                    .map(message -> Long.parseLong(message.group(1)))
                    .toList();
        }
    }

    /** Writes a text letter by letter; somebody else who has it open hears them. */
    private static final class Document extends Voice {
        private static final int HAS_ORIGIN = 0x80;

        /** As Yjs has it: another for each time that the document is opened. */
        private final long author = System.nanoTime() & 0xFFFF_FFFFL;

        Document(Target target) throws IOException {
            super(open(target), open(target));
        }

        /** Returns a connection that hears all from now on: some servers answer the handshake before they open the session. */
        private static Peer open(Target target) throws IOException {
            Peer peer = Peer.open(target.port(), target.path("/yjs/" + DOCUMENT));
            peer.frame(); // the server's state vector
            return peer;
        }

        @Override
        byte[] encode(long number) {
            UpdateBuilder.Id before = number == 0 ? null : UpdateBuilder.id(author, number - 1);
            byte[] letter = new UpdateBuilder()
                    .structs(author, number, UpdateBuilder.text(before, null, "x"))
                    .build();
            return Peer.frame(0x80 | Peer.BINARY, Yjs.update(letter));
        }

        @Override
        List<Long> decode(Peer.Frame frame) throws MalformedUpdateException {
            Lib0Reader in = new Lib0Reader(frame.payload());
            if (in.readVarUint() != 0 || in.readVarUint() != 2) {
                return List.of(); // no update
            }
            in.readVarUint(); // its length
            if (in.readVarUint() != 1) {
                return List.of();
            }
            long structs = in.readVarUint();
            if (in.readVarUint() != author) {
                return List.of();
            }
            long from = in.readVarUint();
            long to = from;
            for (long i = 0; i < structs; i++) {
                if ((in.readByte() & HAS_ORIGIN) != 0) {
                    in.readVarUint();
                    in.readVarUint();
                } else {
                    in.readVarUint();
                    in.readVarString();
                }
                to += in.readVarString().length();
            }
            return LongStream.range(from, to).boxed().toList();
        }
    }
}
