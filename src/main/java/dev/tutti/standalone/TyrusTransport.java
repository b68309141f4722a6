package dev.tutti.standalone;

import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Transport;
import dev.tutti.standalone.guard.LingeringClose;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Session;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.WriteResult;
import org.glassfish.grizzly.asyncqueue.WritableMessage;
import org.glassfish.grizzly.memory.Buffers;
import org.glassfish.grizzly.memory.CompositeBuffer;
import org.glassfish.grizzly.memory.MemoryManager;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.glassfish.grizzly.nio.transport.TCPNIOTransport;

/**
 * Writes encoded frames to the Grizzly connection of a Tyrus session, one write for a whole batch. Safe for any thread.
 *
 * <p>Tyrus writes pongs and close frames to the same queue. The queue keeps each write together, and a batch consists of whole frames, so
 * a control frame is never inside another frame (RFC 6455 section 5.5).
 */
final class TyrusTransport implements Transport {
    private static final Logger LOG = System.getLogger(TyrusTransport.class.getName());

    private final Session session;
    private final TCPNIOConnection connection;
    private final LingeringClose lingeringClose;
    private final boolean isSecure;
    private final String quotaKey;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Makes the transport of a session.
     *
     * @param lingeringClose resets connections whose peer does not answer the close frame in time
     * @param isSecure whether frames pass the TLS filter; otherwise they bypass all filters, which is faster
     * @param quotaKey the value of {@link Transport#quotaKey}
     */
    TyrusTransport(
            Session session,
            TCPNIOConnection connection,
            LingeringClose lingeringClose,
            boolean isSecure,
            String quotaKey) {
        this.session = session;
        this.connection = connection;
        this.lingeringClose = lingeringClose;
        this.isSecure = isSecure;
        this.quotaKey = quotaKey;
    }

    @Override
    public String quotaKey() {
        return quotaKey;
    }

    @Override
    public int send(Batch batch, int from, Completion done) {
        if (from != 0) {
            throw new IllegalArgumentException("this transport sends whole batches only");
        }
        Buffer frames = buffer(batch);
        if (isSecure) {
            connection.write(frames, new WriteCompletion<>(done));
        } else {
            ((TCPNIOTransport) connection.getTransport())
                    .getAsyncQueueIO()
                    .getWriter()
                    .write(connection, frames, new WriteCompletion<WritableMessage>(done));
        }
        return batch.size();
    }

    private Buffer buffer(Batch batch) {
        MemoryManager<?> memory = connection.getMemoryManager();
        if (!batch.isLarge()) {
            return Buffers.wrap(memory, batch.wire());
        }
        Buffer header = Buffers.wrap(memory, batch.header());
        Buffer payload = Buffers.wrap(memory, batch.frame(0).payload());
        return CompositeBuffer.newBuffer(memory, header, payload);
    }

    @Override
    public void ping(Runnable handedOver) {
        try {
            session.getAsyncRemote().sendPing(ByteBuffer.allocate(0));
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "the peer of session " + session.getId() + " is gone", e);
        }
        handedOver.run();
    }

    @Override
    public void close(CloseCode code, String reason) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            session.close(new CloseReason(CloseCodes.getCloseCode(code.code()), reason));
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "the peer of session " + session.getId() + " is gone", e);
        }
        if (connection.isOpen()) {
            lingeringClose.resetLater(connection);
        }
    }

    /** Reports the outcome of a write to a {@link Completion}. */
    private static final class WriteCompletion<M> extends EmptyCompletionHandler<WriteResult<M, SocketAddress>> {
        private final Completion done;

        WriteCompletion(Completion done) {
            this.done = done;
        }

        @Override
        public void completed(WriteResult<M, SocketAddress> result) {
            done.done(null);
        }

        @Override
        public void failed(Throwable failure) {
            done.done(failure);
        }

        @Override
        public void cancelled() {
            done.done(new IOException("the write was cancelled"));
        }
    }
}
