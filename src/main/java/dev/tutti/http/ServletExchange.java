package dev.tutti.http;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The body of an asynchronous request in a servlet container, which calls this when bytes have arrived: a slow client occupies no thread. Safe for
 * any thread; the container makes one call at a time.
 */
final class ServletExchange implements Exchange, ReadListener {
    private static final int BUFFER_BYTES = 8 << 10;

    /** Bytes of a body that is too large, before the answer does not wait for its end. */
    private static final int MAX_DROPPED_BYTES = 16 << 20;

    private final HttpServletRequest request;
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();

    // Confined to the container's calls.
    private final ByteArrayOutputStream received = new ByteArrayOutputStream(0);
    private int maxBytes;
    /** Of the body, by its Content-Length; negative if it has none. */
    private long unreadBytes;
    /** Of a body that is too large. */
    private long droppedBytes;

    // Guarded by this.
    private final List<Runnable> atEnd = new ArrayList<>(1);
    private boolean ended;

    ServletExchange(HttpServletRequest request) {
        this.request = request;
    }

    @Override
    public CompletionStage<byte[]> read(int max) {
        maxBytes = max;
        unreadBytes = request.getContentLengthLong();
        try {
            request.getInputStream().setReadListener(this);
        } catch (IOException | IllegalStateException e) {
            body.completeExceptionally(e);
        }
        return body;
    }

    /**
     * Reads until nothing is ready. After the last byte it does not ask {@code isReady}: GlassFish and Payara then read from the connection for this
     * request again, also when it has ended, so the next request may have no answer. It does not ask {@code isFinished}: there that is true as soon as
     * the last byte has arrived.
     */
    @Override
    public void onDataAvailable() throws IOException {
        ServletInputStream in = request.getInputStream();
        byte[] buffer = new byte[BUFFER_BYTES];
        while (unreadBytes != 0 && in.isReady()) {
            int count = in.read(buffer);
            if (count < 0) {
                unreadBytes = 0;
            } else {
                keep(buffer, count);
                unreadBytes -= count;
            }
        }
        if (unreadBytes == 0) {
            onAllDataRead();
        }
    }

    /** Keeps bytes, or drops those of a body that is too large: WildFly may send no response while a body is unread. */
    private void keep(byte[] buffer, int count) {
        if (droppedBytes == 0 && received.size() + count <= maxBytes) {
            received.write(buffer, 0, count);
            return;
        }
        received.reset();
        droppedBytes += count;
        if (droppedBytes > MAX_DROPPED_BYTES) {
            body.completeExceptionally(Exchange.tooLarge(maxBytes));
        }
    }

    /** May be called twice. */
    @Override
    public void onAllDataRead() {
        if (droppedBytes > 0) {
            body.completeExceptionally(Exchange.tooLarge(maxBytes));
        } else {
            body.complete(received.toByteArray());
        }
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void whenEnded(Runnable action) {
        synchronized (this) {
            if (!ended) {
                atEnd.add(action);
                return;
            }
        }
        action.run();
    }

    /** The response was sent, or cannot be sent. Further calls do nothing. */
    void end() {
        List<Runnable> actions;
        synchronized (this) {
            ended = true;
            actions = List.copyOf(atEnd);
            atEnd.clear();
        }
        actions.forEach(Runnable::run);
        body.completeExceptionally(new EOFException("the request has ended"));
    }
}
