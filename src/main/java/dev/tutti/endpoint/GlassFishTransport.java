package dev.tutti.endpoint;

import dev.tutti.hub.Batch;
import dev.tutti.hub.TimeSource;
import jakarta.websocket.Session;
import java.io.IOException;
import java.io.Writer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends on GlassFish and Payara, whose WebSockets are Tyrus's. With each send Tyrus starts an idle timer anew, on a managed executor: that is more
 * work than the send. Only the writer of a text message starts none. It hands the message to the network or, while that is full, to a
 * queue without a bound, returns at once, and reports neither end nor failure. So it is for text that the {@link SendWindow} admits, which bounds
 * that queue; all other sends are asynchronous. Safe for any thread.
 */
final class GlassFishTransport extends WindowedTransport {
    private final Session session;
    private final SessionTransport asynchronous;

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
