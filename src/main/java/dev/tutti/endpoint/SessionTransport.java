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

    /**
     * How Tomcat is told how many milliseconds a ping or a close may wait for a peer that does not read; else it is 20 seconds. A peer
     * that reads takes a few bytes in far less.
     */
    private static final String TOMCAT_BLOCKING_MILLIS = "org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT";

    private static final long BLOCKING_MILLIS = 1_000;

    private final Session session;
    /** Kept here because one container forgets the properties of a session that has ended. */
    private final String address;

    private final Executor pinging;
    private final PendingCloses pendingCloses;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Makes the transport of an open session.
     *
     * @param pinging runs pings, which most containers write while the caller waits
     * @param pendingCloses runs closes, which may wait for a peer that does not read
     */
    public SessionTransport(Session session, Executor pinging, PendingCloses pendingCloses) {
        this.session = session;
        this.address = Handshake.of(session).address();
        this.pinging = pinging;
        this.pendingCloses = pendingCloses;
        session.getUserProperties().put(TOMCAT_BLOCKING_MILLIS, BLOCKING_MILLIS);
    }

    @Override
    public String quotaKey() {
        return address;
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
    public void ping(Runnable handedOver) {
        pinging.execute(() -> {
            run(() -> session.getAsyncRemote().sendPing(ByteBuffer.allocate(0)));
            handedOver.run();
        });
    }

    @Override
    public void close(CloseCode code, String reason) {
        if (closed.compareAndSet(false, true)) {
            CloseReason said = new CloseReason(CloseReason.CloseCodes.getCloseCode(code.code()), reason);
            pendingCloses.run(address, () -> run(() -> session.close(said)));
        }
    }

    private void run(Call call) {
        try {
            call.run();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "the peer of session " + session.getId() + " is gone", e);
        }
    }

    /** A call that may wait for the peer. */
    private interface Call {
        void run() throws IOException;
    }
}
