package dev.tutti.standalone;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.yjs.lib0.Lib0Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Connections of one user by all protocols, in turn, which send nothing once they are in their rooms and documents. Confined to a test. */
public final class SilentConnections {
    /** Rooms, and documents. */
    public static final int NAMES = 10;

    private static final long LIMIT_MILLIS = 1_000;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Listener> listeners = new ArrayList<>();

    /** Takes the time at which a connection learns that it has lost its rights. */
    static final class Listener implements WebSocket.Listener {
        /** Part of the last message that a connection receives which stays open. */
        private final String lastMessage;

        private final CompletableFuture<String> first = new CompletableFuture<>();
        private final CompletableFuture<Long> endNanos = new CompletableFuture<>();
        private volatile int code;

        private Listener(String lastMessage) {
            this.lastMessage = lastMessage;
        }

        boolean hasEnded() {
            return endNanos.isDone();
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            return received(socket, text.toString());
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer bytes, boolean last) {
            return received(socket, ISO_8859_1.decode(bytes).toString());
        }

        private @Nullable CompletionStage<?> received(WebSocket socket, String message) {
            first.complete(message);
            if (message.contains(lastMessage)) {
                endNanos.complete(System.nanoTime());
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            code = status;
            endNanos.complete(System.nanoTime());
            return null;
        }
    }

    Listener connect(int port, String path, @Nullable String header, String lastMessage, String... messages)
            throws Exception {
        Listener listener = new Listener(lastMessage);
        WebSocket.Builder builder = http.newWebSocketBuilder();
        if (header != null) {
            builder.header("Authorization", "Bearer " + header);
        }
        if (path.equals("/connect")) {
            builder.subprotocols("tutti.v1");
        }
        WebSocket socket = builder.buildAsync(URI.create("ws://127.0.0.1:" + port + path), listener)
                .get(10, TimeUnit.SECONDS);
        for (String message : messages) {
            if (path.equals("/hocuspocus")) {
                socket.sendBinary(ByteBuffer.wrap(message.getBytes(ISO_8859_1)), true)
                        .get();
            } else {
                socket.sendText(message, true).get();
            }
        }
        return listener;
    }

    /**
     * Connects by all protocols, a token in each place.
     *
     * @param lastMessage part of the last message of a connection that stays open
     */
    public void connectAll(int port, int ofEachProtocol, String token, String lastMessage) throws Exception {
        for (int i = 0; i < ofEachProtocol; i++) {
            String name = "garden-" + i % NAMES;
            listeners.add(connect(port, "/ws/" + name, token, lastMessage));
            listeners.add(connect(port, "/yjs/" + name, token, lastMessage));
            listeners.add(connect(
                    port,
                    "/connect",
                    null,
                    lastMessage,
                    "{\"type\":\"authenticate\",\"id\":1,\"token\":\"" + token
                            + "\"}\n{\"type\":\"join\",\"id\":2,\"room\":\"" + name + "\"}"));
            listeners.add(connect(port, "/hocuspocus", null, lastMessage, authentication(name, token)));
        }
    }

    private static String authentication(String document, String token) {
        Lib0Writer out = new Lib0Writer();
        out.writeVarString(document);
        out.writeVarUint(2);
        out.writeVarUint(0);
        out.writeVarString(token);
        return new String(out.toByteArray(), ISO_8859_1);
    }

    /** Waits until all are in their documents. */
    public void awaitDocuments() {
        await().untilAsserted(() -> {
            for (int i = 1; i < listeners.size(); i += 2) {
                assertThat(listeners.get(i).first).isCompleted();
            }
        });
    }

    /** Waits until all have learned that they have lost their rights, and checks the time. */
    public void assertLostInTime(String what, long startNanos) throws Exception {
        List<Long> millis = new ArrayList<>();
        for (Listener listener : listeners) {
            millis.add((listener.endNanos.get(10, TimeUnit.SECONDS) - startNanos) / 1_000_000);
        }
        millis.sort(null);
        int count = millis.size();
        long p99 = millis.get(count * 99 / 100);
        System.out.printf(
                "%s: %d connections without rights after %d ms (p50), %d ms (p99), %d ms (all)%n",
                what, count, millis.get(count / 2), p99, millis.get(count - 1));
        assertThat(p99).isLessThanOrEqualTo(LIMIT_MILLIS);
    }

    /** Expects these codes of the first connection by each protocol; 0 for one that stays open. */
    public void assertCodes(Integer... codes) {
        await().untilAsserted(() -> assertThat(listeners.subList(0, 4).stream().map(listener -> listener.code))
                .containsExactly(codes));
    }
}
