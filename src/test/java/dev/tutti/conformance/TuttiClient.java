package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** A client of {@code tutti.v1} that records messages in order. Safe for any thread. */
public final class TuttiClient implements WebSocket.Listener, AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final HttpClient HANDSHAKES = HttpClient.newHttpClient();

    private final CompletableFuture<Integer> closeCode = new CompletableFuture<>();

    // All below: guarded by this.
    private final StringBuilder part = new StringBuilder();
    private final List<JsonObject> received = new ArrayList<>();
    private CompletableFuture<WebSocket> sending;
    private int frames;
    private int lastId = 1_000; // above the ids that cases choose

    private TuttiClient() {}

    /** Connects and waits for the welcome. */
    public static TuttiClient connect(URI uri) throws Exception {
        return connect(uri, HANDSHAKES.newWebSocketBuilder());
    }

    /** Connects by a handshake with these headers, and waits for the welcome. */
    static TuttiClient connect(URI uri, WebSocket.Builder handshake) throws Exception {
        TuttiClient client = new TuttiClient();
        WebSocket socket = handshake
                .subprotocols("tutti.v1")
                .connectTimeout(Duration.ofSeconds(10))
                .buildAsync(uri, client)
                .get(10, TimeUnit.SECONDS);
        assertThat(socket.getSubprotocol()).isEqualTo("tutti.v1");
        synchronized (client) {
            client.sending = CompletableFuture.completedFuture(socket);
        }
        client.await(message -> message.getString("type").equals("welcome"));
        return client;
    }

    /** Queues a frame after earlier ones; does not block. Single quotes stand for double quotes. */
    public synchronized void send(String frame) {
        sending = sending.thenCompose(socket -> socket.sendText(frame.replace('\'', '"'), true));
    }

    /** Sends a binary message. */
    synchronized void sendBinary(ByteBuffer data) {
        sending = sending.thenCompose(socket -> socket.sendBinary(data, true));
    }

    /** Sends a request, given as a JSON object without braces and id, and waits for the answer. */
    public JsonObject ask(String request) {
        int id;
        synchronized (this) {
            id = ++lastId;
        }
        send("{" + request + ",'id':" + id + "}");
        return await(message -> message.getInt("id", 0) == id);
    }

    /** Waits for a message that meets a condition, and returns the first. */
    public JsonObject await(Predicate<JsonObject> condition) {
        awaitUntil(() -> received().stream().anyMatch(condition));
        return received().stream().filter(condition).findFirst().orElseThrow();
    }

    /** Waits for {@code count} messages of a type, and returns all of this type. */
    public List<JsonObject> awaitAll(String type, int count) {
        awaitUntil(() -> received(type).size() >= count);
        return received(type);
    }

    private void awaitUntil(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(TIMEOUT)
                .pollInterval(Duration.ofMillis(5))
                .failFast(() -> closeCode.isDone())
                .until(condition);
    }

    public synchronized List<JsonObject> received() {
        return List.copyOf(received);
    }

    public List<JsonObject> received(String type) {
        return received().stream()
                .filter(message -> message.getString("type").equals(type))
                .toList();
    }

    /** Returns the number of frames, each of which holds at least one message. */
    synchronized int frames() {
        return frames;
    }

    /** Returns the server's id of this connection. */
    String id() {
        return received("welcome").get(0).getString("client");
    }

    /** Completes with the code of the server's close frame. */
    public CompletableFuture<Integer> closeCode() {
        return closeCode;
    }

    /** Ends the connection without a close frame. */
    public synchronized void abort() {
        sending.join().abort();
    }

    @Override
    public void onOpen(WebSocket socket) {
        socket.request(Long.MAX_VALUE);
    }

    @Override
    public synchronized CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        part.append(data);
        if (last) {
            for (String line : part.toString().split("\n", -1)) {
                try (JsonReader reader = Json.createReader(new StringReader(line))) {
                    received.add(reader.readObject());
                }
            }
            frames++;
            part.setLength(0);
        }
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        closeCode.complete(code);
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        closeCode.completeExceptionally(error);
    }

    @Override
    public synchronized void close() {
        sending = sending.thenCompose(socket -> socket.sendClose(WebSocket.NORMAL_CLOSURE, "")
                .whenComplete((closed, failure) -> {
                    if (failure != null) {
                        socket.abort();
                    }
                }));
    }
}
