package dev.tutti.client;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonReaderFactory;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A client written from docs/protocol.md alone: it comes back whenever its connection is lost, catches up, says again what it does not
 * know to have been heard, and notes everything that should not be. Safe for any thread.
 */
final class Visitor {
    private static final HttpClient HANDSHAKES = HttpClient.newHttpClient();
    private static final JsonReaderFactory READERS = Json.createReaderFactory(Map.of());
    private static final String ROOM = "recovery";

    /** Of those who lose their connection, how many stay away for so long that the room has forgotten what they missed. */
    private static final double STAYS_AWAY = 0.02;

    /** How many publications a room holds by default. */
    private static final int HISTORY = 300;

    /** What all visitors found out together. Safe for any thread. */
    static final class Minutes {
        private final AtomicReferenceArray<String> said;
        private final Queue<String> faults = new ConcurrentLinkedQueue<>();
        private final AtomicInteger recovered = new AtomicInteger();
        private final AtomicInteger notRecovered = new AtomicInteger();
        private final AtomicInteger missed = new AtomicInteger();
        private final AtomicInteger sentAgain = new AtomicInteger();

        /** Guarded by itself, and so is what follows. */
        private final Map<String, Integer> offsets = new HashMap<>();

        private int last;
        private int again;

        /** {@code most} is the greatest offset that there can be. */
        Minutes(int most) {
            said = new AtomicReferenceArray<>(most + 1);
        }

        /** Everybody has to hear the same under an offset, and everything under one offset only. */
        void heard(int offset, String data) {
            String before = said.compareAndExchange(offset, null, data);
            if (before == null) {
                synchronized (offsets) {
                    last = Math.max(last, offset);
                    Integer other = offsets.put(data, offset);
                    if (other != null && Math.abs(offset - other) <= HISTORY) {
                        faults.add(data + " was published twice: " + other + " and " + offset);
                    } else if (other != null) {
                        again++; // the room could not know any more
                    }
                }
            } else if (!before.equals(data)) {
                faults.add("offset " + offset + ": " + before + " and " + data);
            }
        }

        int said() {
            synchronized (offsets) {
                return offsets.size();
            }
        }

        /** Returns how many were published twice because the first time was forgotten. */
        int saidAgain() {
            synchronized (offsets) {
                return again;
            }
        }

        int last() {
            synchronized (offsets) {
                return last;
            }
        }

        List<String> faults() {
            return List.copyOf(faults);
        }

        int recovered() {
            return recovered.get();
        }

        int notRecovered() {
            return notRecovered.get();
        }

        int missed() {
            return missed.get();
        }

        int sentAgain() {
            return sentAgain.get();
        }
    }

    private final int number;
    private final URI uri;
    private final Minutes minutes;
    private final ScheduledExecutorService scheduler;
    private final Random random;

    // All below: guarded by this.
    /** Of the last message that was seen; the epoch is empty before there was one. */
    private String epoch = "";

    private int offset;
    /** What is not known to have been heard, by its key. */
    private final Deque<String> unheard = new ArrayDeque<>();

    private int toSay;
    private boolean joined;
    private boolean closed;
    private Line line;

    Visitor(int number, int port, Minutes minutes, ScheduledExecutorService scheduler, Random random) {
        this.number = number;
        this.uri = URI.create("ws://127.0.0.1:" + port + "/connect?guest=visitor-number-" + number + "-secret");
        this.minutes = minutes;
        this.scheduler = scheduler;
        this.random = random;
    }

    synchronized void connect() {
        if (closed) {
            return;
        }
        joined = false;
        Line next = new Line();
        line = next;
        var unused = HANDSHAKES
                .newWebSocketBuilder()
                .subprotocols("tutti.v1")
                .buildAsync(uri, next)
                .whenComplete((socket, failure) -> {
                    if (failure != null) {
                        lost(next);
                    }
                });
    }

    /** Says something every so many milliseconds, until it has said so much. */
    synchronized void speak(int messages, long everyMillis) {
        toSay = messages;
        var unused = scheduler.scheduleAtFixedRate(
                this::say, random.nextInt((int) everyMillis), everyMillis, TimeUnit.MILLISECONDS);
    }

    private synchronized void say() {
        if (toSay > 0 && !closed) {
            String data = number + ":" + toSay--;
            unheard.add(data);
            if (joined) {
                line.publish(data);
            }
        }
    }

    synchronized boolean isDone() {
        return toSay == 0 && unheard.isEmpty() && joined && offset == minutes.last();
    }

    @Override
    public synchronized String toString() {
        return number + (joined ? " joined" : line == null ? " away" : " connecting") + ", at " + offset + ", to say "
                + toSay + " and " + unheard;
    }

    synchronized void close() {
        closed = true;
        if (line != null && line.socket != null) {
            line.socket.abort();
        }
    }

    private synchronized void lost(Line which) {
        if (closed || which != line) {
            return;
        }
        line = null;
        joined = false;
        int pause = random.nextDouble() < STAYS_AWAY ? 3_000 + random.nextInt(2_000) : random.nextInt(50);
        var unused = scheduler.schedule(this::connect, pause, TimeUnit.MILLISECONDS);
    }

    private synchronized void hear(Line which, JsonObject message) {
        if (which != line) {
            return;
        }
        switch (message.getString("type")) {
            case "welcome" -> which.join();
            case "joined" -> joined(message);
            case "message" -> message(message);
            case "ok" -> unheard.remove(message.getString("id"));
            case "error" -> minutes.faults.add(number + ": " + message);
            default -> {} // who comes and goes
        }
    }

    private void joined(JsonObject message) {
        JsonObject position = message.getJsonObject("position");
        int last = position.getInt("offset");
        if (message.getBoolean("recovered")) {
            message.getJsonArray("messages").forEach(missed -> message(missed.asJsonObject()));
            if (offset != last) {
                minutes.faults.add(number + ": recovered up to " + offset + " instead of " + last);
            }
            minutes.recovered.incrementAndGet();
        } else if (!epoch.isEmpty()) {
            if (offset >= message.getInt("earliest") - 1) {
                minutes.faults.add(number + ": could have been recovered from " + offset + ": " + message);
            }
            minutes.notRecovered.incrementAndGet();
            minutes.missed.addAndGet(last - offset);
        }
        epoch = position.getString("epoch");
        offset = last;
        joined = true;
        minutes.sentAgain.addAndGet(unheard.size());
        List.copyOf(unheard).forEach(line::publish);
    }

    private void message(JsonObject message) {
        int next = message.getInt("offset");
        if (next != offset + 1) {
            minutes.faults.add(number + ": " + next + " after " + offset);
        }
        offset = next;
        minutes.heard(next, message.getString("data"));
    }

    /** One connection. */
    private final class Line implements WebSocket.Listener {
        private final StringBuilder part = new StringBuilder();
        private WebSocket socket;
        private CompletableFuture<WebSocket> sending = new CompletableFuture<>();

        void join() {
            String since = epoch.isEmpty() ? "" : ",\"since\":{\"epoch\":\"" + epoch + "\",\"offset\":" + offset + "}";
            send("{\"type\":\"join\",\"id\":1,\"room\":\"" + ROOM + "\"" + since + "}");
        }

        void publish(String data) {
            send("{\"type\":\"publish\",\"id\":\"" + data + "\",\"key\":\"" + data + "\",\"room\":\"" + ROOM
                    + "\",\"data\":\"" + data + "\"}");
        }

        private void send(String frame) {
            sending = sending.thenCompose(open -> open.sendText(frame, true));
            var unused = sending.exceptionally(failure -> {
                lost(this); // now and then a reset is told to who sends only
                return null;
            });
        }

        @Override
        public void onOpen(WebSocket opened) {
            synchronized (Visitor.this) {
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
            if (last) {
                try (JsonReader reader = READERS.createReader(new StringReader(part.toString()))) {
                    hear(this, reader.readObject());
                }
                part.setLength(0);
            }
            return null;
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
