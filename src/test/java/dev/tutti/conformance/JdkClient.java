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
import java.util.concurrent.atomic.AtomicInteger;

/** A well-behaved client, the JDK's: keeps what it hears. Safe for any thread. */
final class JdkClient implements WebSocket.Listener, AutoCloseable {
    private static final String PRESENT = "\"present ";
    private static final AtomicInteger COUNT = new AtomicInteger();

    /**
     * For handshakes alone: one that goes over a kept connection may be the request after which Tomcat says that it closes it,
     * in the answer that opens the WebSocket, which this client does not take for one.
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

    /**
     * Connects, and waits until the server counts this client among its listeners, which is a moment after the handshake: from
     * here on it has to hear everything.
     */
    static JdkClient join(ServerUnderTest server, String path) throws Exception {
        JdkClient client = new JdkClient();
        WebSocket socket = HANDSHAKES
                .newWebSocketBuilder()
                .connectTimeout(Duration.ofSeconds(10))
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

    /** Sends a frame after those before; does not wait. */
    synchronized void send(String frame) {
        sending = sending.thenCompose(socket -> socket.sendText(frame, true));
    }

    /** Returns the frames heard so far, without those by which clients make sure that they are present. */
    synchronized List<String> received() {
        return List.copyOf(received);
    }

    /** Returns how many frames {@link #received} has. */
    synchronized int count() {
        return received.size();
    }

    /** Returns the code that the server closed with, once it does. */
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
                received.add(frame.intern()); // the others hear the same
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
