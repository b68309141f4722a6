package dev.tutti.endpoint;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Frame;
import dev.tutti.hub.TimeSource;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/**
 * Sends on Tomcat, which changes threads after each asynchronous send. So {@link BlockingWriters} write to a peer that has read nearly
 * everything, several frames at once; all other sends are asynchronous. Safe for any thread.
 */
final class TomcatTransport extends WindowedTransport {
    private final Session session;
    private final BlockingWriters writers;

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
        super(asynchronous, time, random);
        this.session = session;
        this.writers = writers;
    }

    /** Returns whether a session is one of Tomcat, or of a server that is built on it. */
    static boolean serves(Session session) {
        return session.getClass().getName().startsWith("org.apache.tomcat.websocket.");
    }

    @Override
    int sendWithinWindow(Batch batch, int from, int to, Completion done) {
        return writers.offer(new BlockingSend(batch, from, to, done)) ? to : from;
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
            SendWindow window = window();
            RemoteEndpoint.Basic remote = session.getBasicRemote();
            if (to - from == 1 && !window.isPingDue()) {
                write(remote, batch.frame(from));
                window.sent(batch, from, to);
                return;
            }
            remote.setBatchingAllowed(true); // Tomcat buffers the next frames
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
