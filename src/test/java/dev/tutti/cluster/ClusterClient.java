package dev.tutti.cluster;

import dev.tutti.cluster.ClusterRecord.Fault;
import dev.tutti.hub.Position;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
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
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
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
    /** By key, which is the data: when it was published. */
    private final Map<String, Long> unacknowledged = new LinkedHashMap<>();

    private boolean isJoined;
    /** What was refused is sent again soon. */
    private boolean isRetrying;

    private boolean isJoinRefused;

    private boolean isClosed;
    private @Nullable ClientConnection line;
    private long lastReceivedNanos;

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
        isJoinRefused = false;
        ClientConnection next = new ClientConnection(this);
        line = next;
        lastReceivedNanos = System.nanoTime();
        var unused = HANDSHAKES
                .newWebSocketBuilder()
                .subprotocols("tutti.v1")
                .connectTimeout(CONNECT_TIMEOUT)
                .buildAsync(
                        URI.create("ws://127.0.0.1:" + ports.get(server) + "/connect?guest=a-secret-of-" + name), next)
                .whenComplete((socket, failure) -> {
                    if (failure != null) {
                        lost(next);
                    }
                });
    }

    synchronized void publish(String data) {
        unacknowledged.put(data, System.nanoTime());
        if (isJoined && line != null) {
            publish(line, List.of(data));
        }
    }

    /** Leaves a server that has been silent for so long although it owes an answer. */
    synchronized void leaveSilentServer(long patienceNanos) {
        ClientConnection silent = line;
        long now = System.nanoTime();
        if (silent != null
                && now - lastReceivedNanos >= patienceNanos
                && unacknowledged.values().stream().anyMatch(published -> now - published >= patienceNanos)) {
            lost(silent);
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
        return name + (isJoined ? " joined" : " away") + " at " + position + ", not acknowledged "
                + unacknowledged.keySet();
    }

    synchronized void lost(ClientConnection which) {
        which.abort();
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

    synchronized void received(ClientConnection which, JsonObject message) {
        if (which != line) {
            return;
        }
        lastReceivedNanos = System.nanoTime();
        switch (message.getString("type")) {
            case "welcome" -> {
                id = message.getString("client");
                join(which);
            }
            case "joined" -> joined(which, message);
            case "message" -> message(message);
            case "entered" -> {
                if (!members.add(message.getString("client"))) {
                    record.fault(Fault.MEMBERS, name + ": entered twice: " + message);
                }
            }
            case "left" -> {
                if (!members.remove(message.getString("client"))) {
                    record.fault(Fault.MEMBERS, name + ": left, but was no member: " + message);
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
                join(which);
            }
            case "ok" -> {
                if (message.get("id") instanceof JsonString id) {
                    Long publishedNanos = unacknowledged.remove(id.getString());
                    if (publishedNanos != null) { // the first answer
                        long waitedNanos = System.nanoTime() - publishedNanos;
                        record.acknowledged(position(message.getJsonObject("position")), id.getString(), waitedNanos);
                    }
                }
            }
            case "error" -> refused(which, message);
            default -> {} // presence events
        }
    }

    private void refused(ClientConnection which, JsonObject error) {
        record.refused();
        isJoinRefused |= !(error.get("id") instanceof JsonString);
        if (!error.getString("code").equals("unavailable")
                && !error.getString("code").equals("not_joined")) {
            record.fault(Fault.ERROR, name + ": " + error);
        }
        if (isRetrying) {
            return;
        }
        isRetrying = true;
        later(() -> {
            synchronized (this) {
                isRetrying = false;
                if (which == line && isJoinRefused) {
                    isJoinRefused = false;
                    join(which);
                } else if (which == line && isJoined) {
                    publish(which, unacknowledged.keySet());
                }
            }
        });
    }

    private void joined(ClientConnection which, JsonObject message) {
        Position top = position(message.getJsonObject("position"));
        if (message.getBoolean("recovered")) {
            message.getJsonArray("messages").forEach(missed -> message(missed.asJsonObject()));
            if (!top.equals(position)) {
                record.fault(Fault.GAP, name + ": recovered up to " + position + " instead of " + top);
            }
            record.recovered(server != lastServer);
        } else if (position != null) {
            record.lost(position.epoch().equals(top.epoch()));
            requestHistory(which);
        }
        members.clear();
        message.getJsonArray("members")
                .forEach(member -> members.add(member.asJsonObject().getString("client")));
        position = top;
        lastServer = server;
        isJoined = true;
        if (!unacknowledged.isEmpty()) {
            publish(which, unacknowledged.keySet());
        }
    }

    private void message(JsonObject message) {
        long offset = message.getJsonNumber("offset").longValue();
        if (position == null || offset != position.offset() + 1) {
            record.fault(Fault.GAP, name + ": " + offset + " after " + position);
        }
        position = new Position(position == null ? "" : position.epoch(), offset);
        record.received(position, message.getString("data"));
    }

    private static Position position(JsonObject position) {
        return new Position(
                position.getString("epoch"), position.getJsonNumber("offset").longValue());
    }

    private void join(ClientConnection which) {
        String since = position == null
                ? ""
                : ",\"since\":{\"epoch\":\"" + position.epoch() + "\",\"offset\":" + position.offset() + "}";
        which.send("{\"type\":\"join\",\"id\":1,\"room\":\"" + room + "\"" + since + "}");
    }

    private void requestHistory(ClientConnection which) {
        which.send("{\"type\":\"history\",\"id\":2,\"limit\":1000,\"room\":\"" + room + "\"}");
    }

    private void publish(ClientConnection which, Collection<String> all) {
        which.send(all.stream()
                .map(data -> "{\"type\":\"publish\",\"id\":\"" + data + "\",\"key\":\"" + data + "\",\"room\":\"" + room
                        + "\",\"data\":\"" + data + "\"}")
                .collect(Collectors.joining("\n")));
    }
}
