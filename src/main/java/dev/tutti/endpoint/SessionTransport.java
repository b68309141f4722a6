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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends by Jakarta's API, one frame at a time: overlapping sends throw on one container, lose messages on another, and queue without bound
 * on the rest. Safe for any thread.
 */
public final class SessionTransport implements Transport {
    private static final Logger LOG = System.getLogger(SessionTransport.class.getName());

    /**
     * Tomcat's property for the milliseconds that a ping or a close may wait for a peer that does not read; the default is 20 seconds. A
     * peer that reads accepts a few bytes in far less time.
     */
    private static final String TOMCAT_BLOCKING_MILLIS = "org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT";

    private static final long BLOCKING_MILLIS = 1_000;

    /**
     * The context class loader of each send and ping. Payara schedules an idle timer with them, and captures the context for it with some
     * lookups of resources: they cost 60 µs with the application's class loader, and little with this one.
     */
    private static final ClassLoader SENDING = ClassLoader.getPlatformClassLoader();

    private final Session session;
    /** Copied, because one container drops the properties of a session that has ended. */
    private final String address;

    private final Executor pings;
    private final PendingCloses pendingCloses;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Makes the transport of an open session.
     *
     * @param pings runs pings: on most containers the caller waits until one is written
     * @param pendingCloses runs closes, which may wait for a peer that does not read
     */
    public SessionTransport(Session session, Executor pings, PendingCloses pendingCloses) {
        this.session = session;
        this.address = Handshake.of(session).address();
        this.pings = pings;
        this.pendingCloses = pendingCloses;
        session.getUserProperties().put(TOMCAT_BLOCKING_MILLIS, BLOCKING_MILLIS);
    }

    @Override
    public String quotaKey() {
        return address;
    }

    @Override
    public int send(Batch batch, int from, Completion done) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(SENDING);
        try {
            send(batch.frame(from), result -> done.done(failureOf(result)));
        } catch (RuntimeException e) {
            done.done(e); // for a closed session some containers throw, some call the handler, one does both
        } finally {
            thread.setContextClassLoader(before);
        }
        return from + 1;
    }

    private void send(Frame frame, SendHandler handler) {
        if (frame.isText()) {
            session.getAsyncRemote().sendText(frame.text(), handler);
        } else {
            session.getAsyncRemote().sendBinary(ByteBuffer.wrap(frame.payload()), handler);
        }
    }

    private static @Nullable Throwable failureOf(SendResult result) {
        if (result.isOK()) {
            return null;
        }
        Throwable failure = result.getException();
        return failure == null ? new IOException("the container gives no reason") : failure;
    }

    @Override
    public void ping(Runnable handedOver) {
        ping(() -> ByteBuffer.allocate(0), handedOver);
    }

    /** Pings the peer with the data that is supplied just before; else as {@link #ping(Runnable)}. */
    void ping(Supplier<ByteBuffer> data, Runnable handedOver) {
        pings.execute(() -> {
            run(() -> sendPing(data.get()));
            handedOver.run();
        });
    }

    /** Sends a ping; on most containers the caller waits until it is written. */
    void sendPing(ByteBuffer data) throws IOException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(SENDING);
        try {
            session.getAsyncRemote().sendPing(data);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Override
    public void close(CloseCode code, String reason) {
        if (closed.compareAndSet(false, true)) {
            CloseReason closeReason = new CloseReason(CloseReason.CloseCodes.getCloseCode(code.code()), reason);
            pendingCloses.run(address, () -> run(() -> session.close(closeReason)));
        }
    }

    private void run(Call call) {
        try {
            call.run();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "the peer of session " + session.getId() + " disconnected", e);
        }
    }

    /** A call that may wait for the peer. */
    private interface Call {
        void run() throws IOException;
    }
}
