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
 * Well-behaved clients that measure their latency: one in a room, one in a room by {@code tutti.v1}, and an author and a reader of a
 * document. Each sends a hundred messages a second. Confined to one thread.
 */
final class LatencyProbe implements Closeable {
    private static final int PERIOD_MILLIS = 10;
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final String DOCUMENT = "probe";
    private static final Pattern STATE_VECTOR = Pattern.compile("\"stateVector\":\"([^\"]*)\"");

    private final Target target;
    private final List<EchoConnection> connections;
    private final Document document;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    LatencyProbe(Target target) throws IOException {
        this.target = target;
        this.document = new Document(target);
        this.connections = List.of(new Plain(target), new Tutti(target), document);
        connections.forEach(EchoConnection::start);
        var unused = clock.scheduleAtFixedRate(
                () -> connections.forEach(EchoConnection::sendNext), 0, PERIOD_MILLIS, MILLISECONDS);
    }

    /** Waits until every connection has received {@code count} more connections. */
    void awaitEchoes(int count) {
        List<Long> until = connections.stream()
                .map(connection -> connection.sent() + count)
                .toList();
        await().atMost(TIMEOUT).until(() -> haveReceived(until));
        assertThat(failures()).isEmpty();
    }

    /** Returns whether each connection has sent that many numbers and received them, or has failed. */
    private boolean haveReceived(List<Long> counts) {
        boolean all = true;
        for (int i = 0; i < counts.size(); i++) {
            EchoConnection connection = connections.get(i);
            all &= connection.failure() != null
                    || (connection.sent() >= counts.get(i) && connection.hasReceived(counts.get(i)));
        }
        return all;
    }

    /** Starts a measurement. */
    void begin() {
        connections.forEach(EchoConnection::begin);
    }

    /** Returns the round trips since {@link #begin}: at least {@code count} on each connection, and all sent until now. */
    Latency measured(int count) {
        List<Long> sent = connections.stream()
                .map(connection -> Math.max(connection.sent(), connection.first() + count))
                .toList();
        try {
            await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(5)).until(() -> haveReceived(sent));
        } catch (ConditionTimeoutException e) {
            // round trips under way count with their time so far
        }
        long[] nanos = connections.stream()
                .flatMap(connection -> connection.measured().stream())
                .mapToLong(Long::longValue)
                .toArray();
        return nanos.length == 0 ? new Latency(0, 0, 0) : Latency.of(nanos);
    }

    /** Returns the failures of the connections, for people. */
    List<String> failures() {
        return connections.stream()
                .map(EchoConnection::failure)
                .filter(Objects::nonNull)
                .toList();
    }

    /** Returns whether the server stores all of the probe's edits within some seconds. */
    boolean isStored() {
        long written = document.sent();
        try {
            await().atMost(TIMEOUT)
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
            throw new IOException("the response has no stateVector");
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
        for (EchoConnection connection : connections) {
            connection.close();
        }
    }

    /** A plain client in its own room. */
    private static final class Plain extends EchoConnection {
        Plain(Target target) throws IOException {
            this(Peer.open(target.port(), target.path("/ws/probe")));
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

    /** A client of {@code tutti.v1} in another room. */
    private static final class Tutti extends EchoConnection {
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
                throw new IOException("the handshake of the probe failed");
            }
            peer.sendText("{\"type\":\"join\",\"id\":1,\"room\":\"probe-2\"}");
            return peer;
        }

        @Override
        byte[] encode(long number) {
            String request = "{\"type\":\"publish\",\"room\":\"probe-2\",\"data\":" + number + "}";
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

    /** Writes a text letter by letter; a second connection with the same document receives them. */
    private static final class Document extends EchoConnection {
        private static final int HAS_ORIGIN = 0x80;

        /** A Yjs client id, new for each open document. */
        private final long author = System.nanoTime() & 0xFFFF_FFFFL;

        Document(Target target) throws IOException {
            super(open(target), open(target));
        }

        /** Returns a connection that receives all further updates: some servers answer the handshake before they open the session. */
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
            return Peer.frame(0x80 | Peer.BINARY, YjsMessages.update(letter));
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
