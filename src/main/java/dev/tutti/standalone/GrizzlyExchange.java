package dev.tutti.standalone;

import dev.tutti.http.Exchange;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.glassfish.grizzly.CloseListener;
import org.glassfish.grizzly.CloseType;
import org.glassfish.grizzly.Closeable;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.ReadHandler;
import org.glassfish.grizzly.http.io.NIOInputStream;
import org.glassfish.grizzly.http.server.Request;

/**
 * The body of a request on Grizzly, read when it arrives. Confined to the connection's selector thread, but for the close of the connection, which
 * may come from any.
 */
final class GrizzlyExchange implements Exchange, ReadHandler {
    private final Request request;
    private final NIOInputStream in;
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream(0);
    private int maxBytes;

    GrizzlyExchange(Request request) {
        this.request = request;
        this.in = request.getNIOInputStream();
    }

    @Override
    public CompletionStage<byte[]> read(int max) {
        maxBytes = max;
        try {
            in.notifyAvailable(this);
        } catch (IllegalStateException e) {
            body.completeExceptionally(e);
        }
        if (!body.isDone()) {
            failAtClose(request.getContext().getConnection());
        }
        return body;
    }

    @SuppressWarnings("rawtypes") // as in Grizzly
    private void failAtClose(Connection connection) {
        CloseListener<Closeable, CloseType> listener =
                (closed, type) -> body.completeExceptionally(new EOFException("the connection was closed"));
        connection.addCloseListener(listener);
        var unused = body.whenComplete((read, failure) -> connection.removeCloseListener(listener));
    }

    @Override
    public void onDataAvailable() throws IOException {
        if (take()) {
            in.notifyAvailable(this);
        }
    }

    @Override
    public void onAllDataRead() throws IOException {
        if (take()) {
            body.complete(received.toByteArray());
        }
    }

    /** Takes the bytes that have arrived; returns false if they are too many. */
    private boolean take() throws IOException {
        int count = in.readyData();
        if (received.size() + count > maxBytes) {
            body.completeExceptionally(Exchange.tooLarge(maxBytes));
            return false;
        }
        received.writeBytes(in.readNBytes(count));
        return true;
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void whenEnded(Runnable action) {
        request.addAfterServiceListener(served -> action.run());
    }
}
