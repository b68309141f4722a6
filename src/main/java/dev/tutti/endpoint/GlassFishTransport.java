package dev.tutti.endpoint;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Frame;
import dev.tutti.hub.TimeSource;
import jakarta.websocket.Session;
import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends on GlassFish and Payara, whose WebSockets are Tyrus's. With each send Tyrus starts an idle timer anew, on a managed executor: that is more
 * work than the send. Only the writer of a text message starts none. It hands the message to the network or, while that is full, to a
 * queue without a bound, returns at once, and reports neither end nor failure. So it is for text that the {@link SendWindow} admits, which bounds
 * that queue; all other sends are asynchronous.
 *
 * <p>Tyrus reports an asynchronous send when Grizzly's queue has taken it, which keeps all that the peer does not read. So a send ends here when the
 * pongs show that little is queued: until then its successors stay in the client's outbox, which has limits. Safe for any thread.
 */
final class GlassFishTransport extends WindowedTransport {
    /** Grizzly's buffer for a frame has at least so many bytes. */
    private static final int FRAME_BYTES = 8 * 1024;

    /** Bytes of asynchronous frames that Grizzly may keep for a peer: 32 small ones, or one that is larger. */
    static final int MAX_QUEUED_BYTES = 32 * FRAME_BYTES;

    /** The queued bytes after which a ping is due: the answer should arrive before a send has to wait. */
    private static final int PING_BYTES = MAX_QUEUED_BYTES / 2;

    private final Session session;
    private final SessionTransport asynchronous;

    /** The send that waits until the peer has read more; null for none. */
    private final AtomicReference<@Nullable Completion> held = new AtomicReference<>();

    /** A send has begun; confined to the send in flight. */
    private boolean begun;

    /**
     * Makes the transport of an open session.
     *
     * @param random makes the data of pings, and cannot be predicted
     */
    GlassFishTransport(Session session, SessionTransport asynchronous, TimeSource time, RandomGenerator random) {
        super(asynchronous, time, random);
        this.session = session;
        this.asynchronous = asynchronous;
    }

    /** Returns whether a session is one of these servers, or of another that uses Tyrus. */
    static boolean serves(Session session) {
        return session.getClass().getName().startsWith("org.glassfish.tyrus.");
    }

    @Override
    int sendWithinWindow(Batch batch, int from, int to, Completion done) {
        if (!begun) {
            begun = true; // only the failure of a send reports a connection that ended during its handshake
            return from;
        }
        int end = endOfText(batch, from, to);
        if (end > from) {
            done.done(write(batch, from, end));
        }
        return end;
    }

    @Override
    void end(Frame last, Completion done) {
        window().queued(Math.max(FRAME_BYTES, last.payload().length));
        if (window().queuedBytes() >= MAX_QUEUED_BYTES) {
            held.set(done);
            releaseIfRead();
        } else {
            if (window().queuedBytes() >= PING_BYTES) {
                pingAgain();
            }
            super.end(last, done);
        }
    }

    @Override
    public void pong(ByteBuffer data) {
        super.pong(data);
        if (held.get() != null) {
            releaseIfRead();
        }
    }

    /** Ends the send that waits if the peer has read enough. Called after each change that may allow it, so no change is missed. */
    private void releaseIfRead() {
        if (window().queuedBytes() >= MAX_QUEUED_BYTES) {
            pingAgain();
            return;
        }
        Completion done = held.getAndSet(null);
        if (done != null) {
            done.done(null);
        }
    }

    private void pingAgain() {
        if (!window().isPinged()) {
            ping(() -> {});
        }
    }

    private static int endOfText(Batch batch, int from, int to) {
        int end = from;
        while (end < to && batch.frame(end).isText()) {
            end++;
        }
        return end;
    }

    /** Writes text, and a ping if one is due; returns the failure, null if there is none. */
    private @Nullable Throwable write(Batch batch, int from, int to) {
        try {
            for (int i = from; i < to; i++) {
                write(batch.frame(i).text());
            }
            window().sent(batch, from, to);
            if (window().isPingDue()) {
                asynchronous.sendPing(window().ping());
            }
            return null;
        } catch (IOException | RuntimeException e) {
            return e; // also a session that has ended
        }
    }

    private void write(String text) throws IOException {
        try (Writer writer = session.getBasicRemote().getSendWriter()) {
            writer.write(text.toCharArray()); // a string would be copied by way of 1,024 characters
        }
    }
}
