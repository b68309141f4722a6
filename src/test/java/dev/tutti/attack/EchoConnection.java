package dev.tutti.attack;

import dev.tutti.standalone.Peer;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the probe. It sends numbers from 0 on and measures the time until each comes back. One thread calls {@link #sendNext};
 * all other methods are safe for any thread.
 */
abstract class EchoConnection implements Closeable {
    /** Sends the numbers. */
    private final Peer sender;

    private final Peer receiver;
    private final Map<Long, Long> pending = new ConcurrentHashMap<>();
    private volatile long next;
    private volatile @Nullable String failure;
    private volatile boolean closed;

    /** Measured round trips; guarded by itself. */
    private final List<Long> nanos = new ArrayList<>();

    /** The first number of the measurement; guarded by {@link #nanos}. */
    private long first;

    EchoConnection(Peer sender, Peer receiver) {
        this.sender = sender;
        this.receiver = receiver;
    }

    /** Returns a frame with a number. */
    abstract byte[] encode(long number);

    /** Returns the numbers in a frame; an empty list for any other frame. */
    abstract List<Long> decode(Peer.Frame frame) throws Exception;

    final void start() {
        listen(receiver, true);
        if (sender != receiver) {
            listen(sender, false);
        }
    }

    private void listen(Peer peer, boolean measures) {
        Thread reader = new Thread(() -> read(peer, measures), "probe");
        reader.setDaemon(true);
        reader.start();
    }

    /** Sends the next number; does nothing after the connection has ended. */
    final void sendNext() {
        if (failure != null) {
            return;
        }
        long number = next;
        pending.put(number, System.nanoTime());
        next = number + 1;
        try {
            send(sender, encode(number));
        } catch (IOException e) {
            fail("cannot send: " + e);
        }
    }

    /** Starts a new measurement, of the numbers from now on. */
    final void begin() {
        synchronized (nanos) {
            nanos.clear();
            first = next;
        }
    }

    /** Returns the round trips since {@link #begin}, and the time so far of those that are under way. */
    final List<Long> measured() {
        List<Long> measured;
        synchronized (nanos) {
            measured = new ArrayList<>(nanos);
        }
        long now = System.nanoTime();
        pending.values().forEach(sent -> measured.add(now - sent));
        return measured;
    }

    /** Returns the first number of the measurement. */
    final long first() {
        synchronized (nanos) {
            return first;
        }
    }

    /** Returns how many numbers were sent. */
    final long sent() {
        return next;
    }

    /** Returns whether the first {@code count} numbers have come back. */
    final boolean hasReceived(long count) {
        return pending.keySet().stream().allMatch(number -> number >= count);
    }

    /** Returns the failure of the connection; null if there is none. */
    final @Nullable String failure() {
        return failure;
    }

    private void read(Peer peer, boolean measures) {
        try {
            while (true) {
                Peer.Frame frame = peer.frame();
                if (frame.opcode() == Peer.PING) {
                    send(peer, Peer.frame(0x80 | Peer.PONG, frame.payload()));
                } else if (frame.opcode() == Peer.CLOSE) {
                    fail("closed with " + frame.code() + " " + frame.reason());
                    return;
                } else if (measures) {
                    decode(frame).forEach(this::received);
                }
            }
        } catch (Exception e) {
            fail("cannot read: " + e);
        }
    }

    private void received(long number) {
        Long sent = pending.remove(number);
        synchronized (nanos) {
            if (sent != null && number >= first) {
                nanos.add(System.nanoTime() - sent);
            }
        }
    }

    private void fail(String why) {
        if (!closed && failure == null) {
            failure = getClass().getSimpleName() + " " + why;
        }
    }

    /** Sends a frame; two threads may send, one numbers and one pongs. */
    private static void send(Peer peer, byte[] frame) throws IOException {
        synchronized (peer) {
            peer.send(frame);
        }
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + ", which waits for " + pending.size();
    }

    @Override
    public final void close() throws IOException {
        closed = true;
        sender.close();
        receiver.close();
    }
}
