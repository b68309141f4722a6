package dev.tutti.endpoint;

import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Sends on Tomcat, which changes threads after each asynchronous send. So {@link BlockingWriters} write to a peer that has read nearly
 * everything, several frames at once; all other sends are asynchronous. Safe for any thread.
 */
final class TomcatTransport implements Transport {
    /** The time between pings of a peer that has fallen behind. */
    private static final long PING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Session session;
    private final SessionTransport asynchronous;
    private final BlockingWriters writers;
    private final TimeSource time;
    private final SendWindow window;

    /** The time of the last ping that followed an asynchronous send; written by one send at a time. */
    private volatile long pingedAtNanos;

    /**
     * Makes the transport of an open session.
     *
     * @param random makes the data of pings, and cannot be predicted
     */
    TomcatTransport(
            Session session,
            SessionTransport asynchronous,
            BlockingWriters writers,
            TimeSource time,
            RandomGenerator random) {
        this.session = session;
        this.asynchronous = asynchronous;
        this.writers = writers;
        this.time = time;
        this.window = new SendWindow(random);
        this.pingedAtNanos = time.nanos() - PING_NANOS;
    }

    /** Returns whether a session is one of Tomcat, or of a server that is built on it. */
    static boolean serves(Session session) {
        return session.getClass().getName().startsWith("org.apache.tomcat.websocket.");
    }

    @Override
    public String quotaKey() {
        return asynchronous.quotaKey();
    }

    @Override
    public int send(Batch batch, int from, Completion done) {
        int to = window.limit(batch, from);
        if (to > from && writers.offer(new BlockingSend(batch, from, to, done))) {
            return to;
        }
        sendAsynchronously(batch, from, from + 1, done);
        return from + 1;
    }

    private void sendAsynchronously(Batch batch, int from, int to, Completion done) {
        asynchronous.send(batch, from, failure -> {
            if (failure == null) {
                window.sent(batch, from, from + 1);
                if (from + 1 < to) {
                    sendAsynchronously(batch, from + 1, to, done);
                    return;
                }
                pingIfDue();
            }
            done.done(failure);
        });
    }

    /** Pings after an asynchronous send: the answer shows that the peer keeps up again. */
    private void pingIfDue() {
        if (window.isPingDue() && time.nanos() - pingedAtNanos >= PING_NANOS) {
            pingedAtNanos = time.nanos();
            ping(() -> {});
        }
    }

    @Override
    public void ping(Runnable handedOver) {
        asynchronous.ping(window::ping, handedOver);
    }

    @Override
    public void pong(ByteBuffer data) {
        window.pong(data);
    }

    @Override
    public void close(CloseCode code, String reason) {
        asynchronous.close(code, reason);
    }

    /** Frames for the writers. */
    private final class BlockingSend implements BlockingWriters.Write {
        private final Batch batch;
        private final int from;
        private final int to;
        private final Completion done;

        BlockingSend(Batch batch, int from, int to, Completion done) {
            this.batch = batch;
            this.from = from;
            this.to = to;
            this.done = done;
        }

        @Override
        public void block() {
            Throwable failure = null;
            try {
                write();
            } catch (IOException | RuntimeException e) {
                failure = e; // also a session that has ended
            }
            done.done(failure);
        }

        private void write() throws IOException {
            RemoteEndpoint.Basic remote = session.getBasicRemote();
            if (to - from == 1 && !window.isPingDue()) {
                write(remote, batch.frame(from));
                window.sent(batch, from, to);
                return;
            }
            remote.setBatchingAllowed(true); // Tomcat buffers what follows
            for (int i = from; i < to; i++) {
                write(remote, batch.frame(i));
            }
            window.sent(batch, from, to);
            if (window.isPingDue()) {
                remote.sendPing(window.ping());
            }
            remote.setBatchingAllowed(false); // and writes it at once
        }

        private static void write(RemoteEndpoint.Basic remote, Frame frame) throws IOException {
            if (frame.isText()) {
                remote.sendText(frame.text());
            } else {
                remote.sendBinary(ByteBuffer.wrap(frame.payload()));
            }
        }

        @Override
        public void evade() {
            sendAsynchronously(batch, from, to, done);
        }
    }
}
