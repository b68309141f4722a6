package dev.tutti.conformance;

import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** A well-behaved client on the JDK's WebSocket that records messages. Safe for any thread. */
final class JdkClient implements WebSocket.Listener, AutoCloseable {
    private static final String PRESENT = "\"present ";
    private static final AtomicInteger COUNT = new AtomicInteger();

    /**
     * For handshakes only, on new connections: on a connection that has served 99 requests, Tomcat adds {@code Connection: close} to the
     * handshake's response, which this client rejects.
     */
    private static final HttpClient HANDSHAKES = HttpClient.newHttpClient();

    private final String present = PRESENT + COUNT.incrementAndGet() + '"';
    private final CompletableFuture<Integer> closeCode = new CompletableFuture<>();

    // All below: guarded by this.
    private final StringBuilder part = new StringBuilder();
    private final List<String> received = new ArrayList<>();
    private boolean isPresent;
    private CompletableFuture<WebSocket> sending;

    private JdkClient() {}

    /** Connects, and waits until the room includes this client, a moment after the handshake. From then on it receives every message. */
    static JdkClient join(ServerUnderTest server, String path) throws Exception {
        for (int left = server.handshakeAttempts() - 1; ; left--) {
            try {
                return tryJoin(server, path);
            } catch (TimeoutException e) {
                if (left == 0) {
                    throw e;
                }
            }
        }
    }

    private static JdkClient tryJoin(ServerUnderTest server, String path) throws Exception {
        JdkClient client = new JdkClient();
        WebSocket socket = HANDSHAKES
                .newWebSocketBuilder()
                .connectTimeout(Duration.ofSeconds(20))
                .buildAsync(server.webSocket(path), client)
                .get(10, TimeUnit.SECONDS);
        client.begin(socket);
        client.send(client.present);
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(2))
                .until(client::isPresent);
        return client;
    }

    private synchronized void begin(WebSocket socket) {
        sending = CompletableFuture.completedFuture(socket);
    }

    /** Queues a frame after earlier ones; does not block. */
    synchronized void send(String frame) {
        sending = sending.thenCompose(socket -> socket.sendText(frame, true));
    }

    /** Returns the messages received so far, without the marker messages of {@link #join}. */
    synchronized List<String> received() {
        return List.copyOf(received);
    }

    /** Returns the number of {@link #received} messages. */
    synchronized int count() {
        return received.size();
    }

    /** Completes with the code of the server's close frame. */
    CompletableFuture<Integer> closeCode() {
        return closeCode;
    }

    private synchronized boolean isPresent() {
        return isPresent;
    }

    @Override
    public void onOpen(WebSocket socket) {
        socket.request(Long.MAX_VALUE);
    }

    @Override
    public synchronized CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        part.append(data);
        if (last) {
            String frame = part.toString();
            part.setLength(0);
            if (!frame.startsWith(PRESENT)) {
                received.add(frame.intern()); // all clients receive equal messages: share them
            } else if (frame.equals(present)) {
                isPresent = true;
            }
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
