package dev.tutti.websocket;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonReaderFactory;
import jakarta.json.JsonString;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A client written from docs/protocol.md alone. It reconnects after each reset, recovers, publishes again without an acknowledgement, and
 * records each fault. Safe for any thread.
 *
 * <p>It pings a silent connection, as the protocol asks: after about one reset in a hundred the WebSocket of {@code java.net.http} calls
 * neither {@code onError} nor {@code onClose}, and its socket stays in CLOSE_WAIT until something is sent.
 */
final class RecoveringClient {
    private static final HttpClient HANDSHAKES = HttpClient.newHttpClient();
    private static final JsonReaderFactory READERS = Json.createReaderFactory(Map.of());
    private static final String ROOM = "recovery";

    /** The share of resets after which a client stays away until the room has dropped its missed messages. */
    private static final double STAYS_AWAY = 0.02;

    /** A connection without an answer for this long after a ping is lost. */
    private static final long PONG_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long WATCH_MILLIS = 1_000;

    private final int number;
    private final URI uri;
    private final RecoveryLog log;
    private final ScheduledExecutorService scheduler;
    private final Random random;

    // All below: guarded by this.
    /** The position of the last message; the epoch is empty before the first. */
    private String epoch = "";

    private int offset;
    /** Messages without an acknowledgement, by key. */
    private final Deque<String> unacknowledged = new ArrayDeque<>();

    private int unsent;
    private boolean joined;
    private boolean closed;
    private Connection line;
    /** After so long without a frame the client pings; from the welcome. */
    private long pingNanos = TimeUnit.SECONDS.toNanos(10);

    RecoveringClient(int number, int port, RecoveryLog log, ScheduledExecutorService scheduler, Random random) {
        this.number = number;
        this.uri = URI.create("ws://127.0.0.1:" + port + "/connect?guest=client-number-" + number + "-secret");
        this.log = log;
        this.scheduler = scheduler;
        this.random = random;
        var unused = scheduler.scheduleWithFixedDelay(
                this::watch, random.nextInt((int) WATCH_MILLIS), WATCH_MILLIS, TimeUnit.MILLISECONDS);
    }

    synchronized void connect() {
        if (closed) {
            return;
        }
        joined = false;
        Connection next = new Connection();
        line = next;
        var unused = HANDSHAKES
                .newWebSocketBuilder()
                .subprotocols("tutti.v1")
                .connectTimeout(Duration.ofSeconds(10))
                .buildAsync(uri, next)
                .whenComplete((socket, failure) -> {
                    if (failure != null) {
                        lost(next);
                    }
                });
    }

    /** Starts to publish {@code messages} messages at a fixed interval. */
    synchronized void startPublishing(int messages, long everyMillis) {
        unsent = messages;
        var unused = scheduler.scheduleAtFixedRate(
                this::publishNext, random.nextInt((int) everyMillis), everyMillis, TimeUnit.MILLISECONDS);
    }

    private synchronized void publishNext() {
        if (unsent > 0 && !closed) {
            String data = number + ":" + unsent--;
            unacknowledged.add(data);
            if (joined) {
                line.publish(List.of(data));
            }
        }
    }

    /** Pings a silent connection, and gives it up if it stays silent. */
    private synchronized void watch() {
        if (closed || line == null) {
            return;
        }
        long silent = System.nanoTime() - line.lastFrame;
        if (silent > pingNanos + PONG_NANOS) {
            line.abort();
            lost(line);
        } else if (silent > pingNanos) {
            line.ping();
        }
    }

    synchronized boolean isDone() {
        return unsent == 0 && unacknowledged.isEmpty() && joined && offset == log.last();
    }

    @Override
    public synchronized String toString() {
        return number + (line == null ? " away" : line.toString()) + ", at " + offset + ", to publish " + unsent
                + " and " + unacknowledged;
    }

    synchronized void close() {
        closed = true;
        if (line != null) {
            line.abort();
        }
    }

    private synchronized void lost(Connection which) {
        if (closed || which != line) {
            return;
        }
        line = null;
        joined = false;
        int pause = random.nextDouble() < STAYS_AWAY ? 3_000 + random.nextInt(2_000) : random.nextInt(50);
        var unused = scheduler.schedule(this::connect, pause, TimeUnit.MILLISECONDS);
    }

    private synchronized void receive(Connection which, JsonObject message) {
        if (which != line) {
            return;
        }
        switch (message.getString("type")) {
            case "welcome" -> {
                pingNanos = TimeUnit.SECONDS.toNanos(message.getInt("pingSeconds"));
                which.join();
            }
            case "joined" -> joined(message);
            case "message" -> message(message);
            case "ok" -> {
                if (message.get("id") instanceof JsonString id) { // the answer to a ping has a number
                    unacknowledged.remove(id.getString());
                }
            }
            case "error" -> log.faults.add(number + ": " + message);
            default -> {} // presence events
        }
    }

    private void joined(JsonObject message) {
        JsonObject position = message.getJsonObject("position");
        int last = position.getInt("offset");
        if (message.getBoolean("recovered")) {
            message.getJsonArray("messages").forEach(missed -> message(missed.asJsonObject()));
            if (offset != last) {
                log.faults.add(number + ": recovered up to " + offset + " instead of " + last);
            }
            log.recovered.incrementAndGet();
        } else if (!epoch.isEmpty()) {
            if (offset >= message.getInt("earliest") - 1) {
                log.faults.add(number + ": could have been recovered from " + offset + ": " + message);
            }
            log.notRecovered.incrementAndGet();
            log.missed.addAndGet(last - offset);
        }
        epoch = position.getString("epoch");
        offset = last;
        joined = true;
        log.sentAgain.addAndGet(unacknowledged.size());
        if (!unacknowledged.isEmpty()) {
            line.publish(unacknowledged);
        }
    }

    private void message(JsonObject message) {
        int next = message.getInt("offset");
        if (next != offset + 1) {
            log.faults.add(number + ": " + next + " after " + offset);
        }
        offset = next;
        log.record(next, message.getString("data"));
    }

    /** One connection. */
    private final class Connection implements WebSocket.Listener {
        private final StringBuilder part = new StringBuilder();
        private WebSocket socket;
        private long lastFrame = System.nanoTime();
        private boolean joining;
        private CompletableFuture<WebSocket> sending = new CompletableFuture<>();

        void join() {
            joining = true;
            String since = epoch.isEmpty() ? "" : ",\"since\":{\"epoch\":\"" + epoch + "\",\"offset\":" + offset + "}";
            send("{\"type\":\"join\",\"id\":1,\"room\":\"" + ROOM + "\"" + since + "}");
        }

        void ping() {
            send("{\"type\":\"ping\",\"id\":0}");
        }

        void abort() {
            if (socket != null) {
                socket.abort();
            }
        }

        /** Publishes all in one frame. */
        void publish(Collection<String> all) {
            send(all.stream().map(Connection::request).collect(Collectors.joining("\n")));
        }

        private static String request(String data) {
            return "{\"type\":\"publish\",\"id\":\"" + data + "\",\"key\":\"" + data + "\",\"room\":\"" + ROOM
                    + "\",\"data\":\"" + data + "\"}";
        }

        private void send(String frame) {
            sending = sending.thenCompose(open -> open.sendText(frame, true));
            var unused = sending.exceptionally(failure -> {
                lost(this); // sometimes only the send reports a reset
                return null;
            });
        }

        @Override
        public void onOpen(WebSocket opened) {
            synchronized (RecoveringClient.this) {
                socket = opened;
                sending.complete(opened);
                if (closed) {
                    opened.abort();
                }
            }
            opened.request(Long.MAX_VALUE);
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            part.append(data);
            received();
            if (last) {
                for (String line : part.toString().split("\n", -1)) {
                    try (JsonReader reader = READERS.createReader(new StringReader(line))) {
                        receive(this, reader.readObject());
                    }
                }
                part.setLength(0);
            }
            return null;
        }

        @Override
        public CompletionStage<?> onPing(WebSocket from, ByteBuffer message) {
            received();
            return null;
        }

        private void received() {
            synchronized (RecoveringClient.this) {
                lastFrame = System.nanoTime();
            }
        }

        @Override
        public String toString() {
            return joined ? " joined" : joining ? " joining" : socket != null ? " open" : " connecting";
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            lost(this);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            lost(this);
        }
    }
}
