package dev.tutti.endpoint;

import dev.tutti.hub.Batch;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Frame;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Transport;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Sends in one of two ways. While a {@link SendWindow} shows that the peer has read nearly everything, it uses a cheap one, which is not for
 * peers that do not read; else each send is asynchronous. Safe for any thread.
 */
abstract class WindowedTransport implements Transport {
    /** The time between pings of a peer that has fallen behind. */
    private static final long PING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SessionTransport asynchronous;
    private final TimeSource time;
    private final SendWindow window;

    /** The time of the last ping that followed an asynchronous send; written by one send at a time. */
    private volatile long pingedAtNanos;

    /** @param random makes the data of pings, and cannot be predicted */
    WindowedTransport(SessionTransport asynchronous, TimeSource time, RandomGenerator random) {
        this.asynchronous = asynchronous;
        this.time = time;
        this.window = new SendWindow(random);
        this.pingedAtNanos = time.nanos() - PING_NANOS;
    }

    /**
     * Starts to send frames to a peer that keeps up, which {@link #window} has admitted.
     *
     * @param done as in {@link Transport#send}
     * @return the index of the first frame that was not sent; {@code from}, and nothing happens, if an asynchronous send is needed
     */
    abstract int sendWithinWindow(Batch batch, int from, int to, Completion done);

    final SendWindow window() {
        return window;
    }

    @Override
    public final String quotaKey() {
        return asynchronous.quotaKey();
    }

    @Override
    public final int send(Batch batch, int from, Completion done) {
        int limit = window.limit(batch, from);
        int to = limit > from ? sendWithinWindow(batch, from, limit, done) : from;
        if (to > from) {
            return to;
        }
        sendAsynchronously(batch, from, from + 1, done);
        return from + 1;
    }

    /** Sends frames one after the other, without blocking. */
    final void sendAsynchronously(Batch batch, int from, int to, Completion done) {
        asynchronous.send(batch, from, failure -> {
            if (failure == null) {
                window.sent(batch, from, from + 1);
                if (from + 1 < to) {
                    sendAsynchronously(batch, from + 1, to, done);
                    return;
                }
                end(batch.frame(from), done);
                return;
            }
            done.done(failure);
        });
    }

    /** Ends asynchronous sends, of which the container has taken the last frame. */
    void end(Frame last, Completion done) {
        pingIfDue();
        done.done(null);
    }

    /** Pings after an asynchronous send: the answer shows that the peer keeps up again. */
    private void pingIfDue() {
        if (window.isPingDue() && time.nanos() - pingedAtNanos >= PING_NANOS) {
            pingedAtNanos = time.nanos();
            ping(() -> {});
        }
    }

    @Override
    public final void ping(Runnable handedOver) {
        asynchronous.ping(window::ping, handedOver);
    }

    @Override
    public void pong(ByteBuffer data) {
        window.pong(data);
    }

    @Override
    public final void close(CloseCode code, String reason) {
        asynchronous.close(code, reason);
    }
}
