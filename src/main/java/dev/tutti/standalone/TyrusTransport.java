package dev.tutti.standalone;

import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Transport;
import dev.tutti.standalone.guard.Ending;
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
 * Writes finished frames to the Grizzly connection beneath a Tyrus session, a whole batch in one write. Safe for any thread.
 *
 * <p>Tyrus writes its own frames, pongs and closes, to the same connection's queue. That takes whole writes, and a batch is
 * whole frames, so control frames come between frames and never inside one (RFC 6455 section 5.5).
 */
final class TyrusTransport implements Transport {
    private static final Logger LOG = System.getLogger(TyrusTransport.class.getName());

    private final Session session;
    private final TCPNIOConnection connection;
    private final Ending ending;
    private final boolean isSecure;
    private final String quotaKey;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Makes the transport of a session.
     *
     * @param ending ends connections whose peer does not answer a close frame, or does not read what is before it
     * @param isSecure whether frames have to pass TLS; if not, they go past Grizzly's filters, which is faster
     * @param quotaKey as {@link Transport#quotaKey} returns it
     */
    TyrusTransport(Session session, TCPNIOConnection connection, Ending ending, boolean isSecure, String quotaKey) {
        this.session = session;
        this.connection = connection;
        this.ending = ending;
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
            throw new IllegalArgumentException("a batch is sent whole");
        }
        Buffer frames = buffer(batch);
        if (isSecure) {
            connection.write(frames, new Written<>(done));
        } else {
            ((TCPNIOTransport) connection.getTransport())
                    .getAsyncQueueIO()
                    .getWriter()
                    .write(connection, frames, new Written<WritableMessage>(done));
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
            ending.begin(connection);
        }
    }

    /** Passes on how a write ended. */
    private static final class Written<M> extends EmptyCompletionHandler<WriteResult<M, SocketAddress>> {
        private final Completion done;

        Written(Completion done) {
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
