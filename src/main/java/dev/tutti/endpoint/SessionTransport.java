package dev.tutti.endpoint;

import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.hub.Transport;
import jakarta.websocket.CloseReason;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Sends through Jakarta's API, one frame at a time: overlapping sends throw on one container, get lost on another, and pile up
 * without bound on the rest. Safe for any thread.
 */
public final class SessionTransport implements Transport {
    private static final Logger LOG = System.getLogger(SessionTransport.class.getName());

    private final Session session;
    private final Executor closing;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Makes the transport of an open session; {@code closing} runs what may wait for the peer. */
    public SessionTransport(Session session, Executor closing) {
        this.session = session;
        this.closing = closing;
    }

    @Override
    public int send(Batch batch, int from, Completion done) {
        try {
            Frame frame = batch.frame(from);
            SendHandler handler = result -> done.done(failureOf(result));
            if (frame.isText()) {
                session.getAsyncRemote().sendText(frame.text(), handler);
            } else {
                session.getAsyncRemote().sendBinary(ByteBuffer.wrap(frame.payload()), handler);
            }
        } catch (RuntimeException e) {
            done.done(e); // containers differ: some throw for a closed session, some tell the handler, one does both
        }
        return from + 1;
    }

    private static @Nullable Throwable failureOf(SendResult result) {
        if (result.isOK()) {
            return null;
        }
        Throwable failure = result.getException();
        return failure == null ? new IOException("the container does not say why") : failure;
    }

    @Override
    public void ping() {
        run(() -> session.getAsyncRemote().sendPing(ByteBuffer.allocate(0)));
    }

    @Override
    public void close(CloseCode code, String reason) {
        if (closed.compareAndSet(false, true)) {
            run(() -> session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(code.code()), reason)));
        }
    }

    private void run(Call call) {
        closing.execute(() -> {
            try {
                call.run();
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.DEBUG, "the peer of session " + session.getId() + " is gone", e);
            }
        });
    }

    /** A call that may wait for the peer. */
    private interface Call {
        void run() throws IOException;
    }
}
