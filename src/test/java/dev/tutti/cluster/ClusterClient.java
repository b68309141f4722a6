package dev.tutti.cluster;

import dev.tutti.hub.Position;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonReaderFactory;
import jakarta.json.JsonString;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A client of {@code tutti.v1}, written from docs/protocol.md alone. It connects to any of several servers, recovers, publishes each message with a key
 * until it is acknowledged, and records each fault. Safe for any thread.
 */
final class ClusterClient {
    private static final HttpClient HANDSHAKES = HttpClient.newHttpClient();
    private static final JsonReaderFactory READERS = Json.createReaderFactory(Map.of());
    private static final int RETRY_MILLIS = 100;

    private final String name;
    private final String room;
    private final List<Integer> ports;
    private final ClusterRecord record;
    private final ScheduledExecutorService scheduler;
    private final Random random;

    // All below: guarded by this.
    private int server;
    /** The server of {@link #position}. */
    private int lastServer;

    private @Nullable Position position;
    /** The id of this connection, by the server. */
    private String id = "";
    /** The ids of the members of the room, from the list and the events. */
    private final Set<String> members = new TreeSet<>();
    /** By key, which is the data. */
    private final Deque<String> unacknowledged = new ArrayDeque<>();

    private boolean isJoined;
    /** A refused request is sent again soon. */
    private boolean isRetrying;

    private boolean isClosed;
    private @Nullable Connection line;

    ClusterClient(
            String name,
            String room,
            List<Integer> ports,
            int server,
            ClusterRecord record,
            ScheduledExecutorService scheduler,
            Random random) {
        this.name = name;
        this.room = room;
        this.ports = ports;
        this.server = server;
        this.record = record;
        this.scheduler = scheduler;
        this.random = random;
    }

    synchronized void connect() {
        if (isClosed) {
            return;
        }
        isJoined = false;
        Connection next = new Connection();
        line = next;
        var unused = HANDSHAKES
                .newWebSocketBuilder()
                .subprotocols("tutti.v1")
                .connectTimeout(Duration.ofSeconds(10))
                .buildAsync(
                        URI.create("ws://127.0.0.1:" + ports.get(server) + "/connect?guest=a-secret-of-" + name), next)
                .whenComplete((socket, failure) -> {
                    if (failure != null) {
                        lost(next);
                    }
                });
    }

    synchronized void publish(String data) {
        unacknowledged.add(data);
        if (isJoined && line != null) {
            line.publish(List.of(data));
        }
    }

    /** Returns the position of the last message if everything is acknowledged; null otherwise. */
    synchronized @Nullable Position doneAt() {
        return isJoined && unacknowledged.isEmpty() ? position : null;
    }

    /** Returns the id of its connection in the room; empty if it has none. */
    synchronized String id() {
        return isJoined ? id : "";
    }

    /** Returns the members that this client knows. */
    synchronized Set<String> members() {
        return Set.copyOf(members);
    }

    synchronized void close() {
        isClosed = true;
        if (line != null) {
            line.abort();
        }
    }

    @Override
    public synchronized String toString() {
        return name + (isJoined ? " joined" : " away") + " at " + position + ", not acknowledged " + unacknowledged;
    }

    private synchronized void lost(Connection which) {
        if (!isClosed && which == line) {
            line = null;
            isJoined = false;
            server = (server + 1 + random.nextInt(ports.size() - 1)) % ports.size();
            later(this::connect);
        }
    }

    private void later(Runnable task) {
        if (!isClosed) {
            var unused = scheduler.schedule(task, random.nextInt(RETRY_MILLIS), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void received(Connection which, JsonObject message) {
        if (which != line) {
            return;
        }
        switch (message.getString("type")) {
            case "welcome" -> {
                id = message.getString("client");
                which.join();
            }
            case "joined" -> joined(which, message);
            case "message" -> message(message);
            case "entered" -> {
                if (!members.add(message.getString("client"))) {
                    record.fault(name + ": entered twice: " + message);
                }
            }
            case "left" -> {
                if (!members.remove(message.getString("client"))) {
                    record.fault(name + ": left, but was no member: " + message);
                }
            }
            case "history" -> {
                String epoch = position(message.getJsonObject("position")).epoch();
                message.getJsonArray("messages").forEach(missed -> {
                    JsonObject one = missed.asJsonObject();
                    long offset = one.getJsonNumber("offset").longValue();
                    record.received(new Position(epoch, offset), one.getString("data"));
                });
            }
            case "removed" -> {
                isJoined = false;
                which.join();
            }
            case "ok" -> {
                if (message.get("id") instanceof JsonString id) {
                    record.acknowledged(position(message.getJsonObject("position")), id.getString());
                    unacknowledged.remove(id.getString());
                }
            }
            case "error" -> refused(which, message);
            default -> {} // presence events
        }
    }

    private void refused(Connection which, JsonObject error) {
        record.refused();
        boolean isJoin = !(error.get("id") instanceof JsonString);
        if (!error.getString("code").equals("unavailable")
                && !error.getString("code").equals("not_joined")) {
            record.fault(name + ": " + error);
        }
        if (isRetrying) {
            return;
        }
        isRetrying = true;
        later(() -> {
            synchronized (this) {
                isRetrying = false;
                if (which == line && isJoin) {
                    which.join();
                } else if (which == line && isJoined) {
                    which.publish(unacknowledged);
                }
            }
        });
    }

    private void joined(Connection which, JsonObject message) {
        Position top = position(message.getJsonObject("position"));
        if (message.getBoolean("recovered")) {
            message.getJsonArray("messages").forEach(missed -> message(missed.asJsonObject()));
            if (!top.equals(position)) {
                record.fault(name + ": recovered up to " + position + " instead of " + top);
            }
            record.recovered(server != lastServer);
        } else if (position != null) {
            record.lost();
            which.requestHistory();
        }
        members.clear();
        message.getJsonArray("members")
                .forEach(member -> members.add(member.asJsonObject().getString("client")));
        position = top;
        lastServer = server;
        isJoined = true;
        if (!unacknowledged.isEmpty()) {
            which.publish(unacknowledged);
        }
    }

    private void message(JsonObject message) {
        long offset = message.getJsonNumber("offset").longValue();
        if (position == null || offset != position.offset() + 1) {
            record.fault(name + ": " + offset + " after " + position);
        }
        position = new Position(position == null ? "" : position.epoch(), offset);
        record.received(position, message.getString("data"));
    }

    private static Position position(JsonObject position) {
        return new Position(
                position.getString("epoch"), position.getJsonNumber("offset").longValue());
    }

    /** One connection. */
    private final class Connection implements WebSocket.Listener {
        private final StringBuilder part = new StringBuilder();
        private CompletableFuture<WebSocket> sending = new CompletableFuture<>();

        void join() {
            String since = position == null
                    ? ""
                    : ",\"since\":{\"epoch\":\"" + position.epoch() + "\",\"offset\":" + position.offset() + "}";
            send("{\"type\":\"join\",\"id\":1,\"room\":\"" + room + "\"" + since + "}");
        }

        void requestHistory() {
            send("{\"type\":\"history\",\"id\":2,\"limit\":1000,\"room\":\"" + room + "\"}");
        }

        void abort() {
            if (sending.isDone() && !sending.isCompletedExceptionally()) {
                sending.join().abort();
            }
        }

        void publish(Collection<String> all) {
            send(all.stream()
                    .map(data -> "{\"type\":\"publish\",\"id\":\"" + data + "\",\"key\":\"" + data + "\",\"room\":\""
                            + room + "\",\"data\":\"" + data + "\"}")
                    .collect(Collectors.joining("\n")));
        }

        private void send(String frame) {
            if (frame.isEmpty()) {
                return;
            }
            sending = sending.thenCompose(open -> open.sendText(frame, true));
            var unused = sending.exceptionally(failure -> {
                lost(this); // sometimes only the send reports a reset
                return null;
            });
        }

        @Override
        public void onOpen(WebSocket opened) {
            sending.complete(opened);
            opened.request(Long.MAX_VALUE);
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                for (String text : part.toString().split("\n", -1)) {
                    try (JsonReader reader = READERS.createReader(new StringReader(text))) {
                        received(this, reader.readObject());
                    }
                }
                part.setLength(0);
            }
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            lost(this);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            lost(this);
        }
    }
}
