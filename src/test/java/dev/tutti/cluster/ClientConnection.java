package dev.tutti.cluster;

import jakarta.json.Json;
import jakarta.json.JsonReader;
import jakarta.json.JsonReaderFactory;
import java.io.StringReader;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A connection of a {@link ClusterClient}. Guarded by its client, but for the methods that the WebSocket calls. */
final class ClientConnection implements WebSocket.Listener {
    private static final JsonReaderFactory READERS = Json.createReaderFactory(Map.of());

    private final ClusterClient client;
    private final StringBuilder part = new StringBuilder();
    /** Completes with the last send, or with the opening; the first to fail fails all later ones. */
    private CompletableFuture<WebSocket> sending = new CompletableFuture<>();

    // Guarded by this.
    private @Nullable WebSocket socket;
    private boolean isAborted;

    ClientConnection(ClusterClient client) {
        this.client = client;
    }

    /** Sends a text frame; an empty one not at all. */
    void send(String frame) {
        if (frame.isEmpty()) {
            return;
        }
        sending = sending.thenCompose(open -> open.sendText(frame, true));
        var unused = sending.exceptionally(failure -> {
            client.lost(this); // sometimes only the send reports a reset
            return null;
        });
    }

    /** Ends the connection without a close frame. */
    void abort() {
        WebSocket open;
        synchronized (this) {
            isAborted = true;
            open = socket;
        }
        if (open != null) {
            open.abort();
        }
    }

    @Override
    public void onOpen(WebSocket opened) {
        boolean isTooLate;
        synchronized (this) {
            socket = opened;
            isTooLate = isAborted;
        }
        if (isTooLate) {
            opened.abort();
        }
        sending.complete(opened);
        opened.request(Long.MAX_VALUE);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        part.append(data);
        if (last) {
            for (String text : part.toString().split("\n", -1)) {
                try (JsonReader reader = READERS.createReader(new StringReader(text))) {
                    client.received(this, reader.readObject());
                }
            }
            part.setLength(0);
        }
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        client.lost(this);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        client.lost(this);
    }
}
