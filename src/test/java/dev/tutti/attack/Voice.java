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
 * One way on which the bystander speaks and hears itself: it says numbers from 0 on, and notes how long each takes to come back. {@link
 * #say} is called by one thread; all else is safe for any.
 */
abstract class Voice implements Closeable {
    /** Where numbers are said, and where they are heard. */
    private final Peer mouth;

    private final Peer ear;
    private final Map<Long, Long> underWay = new ConcurrentHashMap<>();
    private volatile long next;
    private volatile @Nullable String failure;
    private volatile boolean closed;

    /** Guarded by itself. */
    private final List<Long> nanos = new ArrayList<>();

    /** The first number that is measured; guarded by {@link #nanos}. */
    private long first;

    Voice(Peer mouth, Peer ear) {
        this.mouth = mouth;
        this.ear = ear;
    }

    /** Returns the frame that says a number. */
    abstract byte[] encode(long number);

    /** Returns which numbers a frame says, none for another frame. */
    abstract List<Long> decode(Peer.Frame frame) throws Exception;

    final void start() {
        listen(ear, true);
        if (mouth != ear) {
            listen(mouth, false);
        }
    }

    private void listen(Peer peer, boolean measures) {
        Thread reader = new Thread(() -> read(peer, measures), "bystander");
        reader.setDaemon(true);
        reader.start();
    }

    /** Says the next number; does nothing once the connection has ended. */
    final void say() {
        if (failure != null) {
            return;
        }
        long number = next;
        underWay.put(number, System.nanoTime());
        next = number + 1;
        try {
            send(mouth, encode(number));
        } catch (IOException e) {
            fail("cannot send: " + e);
        }
    }

    /** Forgets what was measured, and measures the numbers that are said from now on. */
    final void begin() {
        synchronized (nanos) {
            nanos.clear();
            first = next;
        }
    }

    /** Returns what was measured since {@link #begin}, and how long what is under way has taken so far. */
    final List<Long> measured() {
        List<Long> measured;
        synchronized (nanos) {
            measured = new ArrayList<>(nanos);
        }
        long now = System.nanoTime();
        underWay.values().forEach(sent -> measured.add(now - sent));
        return measured;
    }

    /** Returns the first number that is measured. */
    final long first() {
        synchronized (nanos) {
            return first;
        }
    }

    /** Returns how many numbers were said. */
    final long said() {
        return next;
    }

    /** Returns whether all of the first {@code count} numbers have come back. */
    final boolean hasHeard(long count) {
        return underWay.keySet().stream().allMatch(number -> number >= count);
    }

    /** Returns what went wrong; null if nothing did. */
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
                    decode(frame).forEach(this::heard);
                }
            }
        } catch (Exception e) {
            fail("cannot read: " + e);
        }
    }

    private void heard(long number) {
        Long sent = underWay.remove(number);
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

    /** The thread that speaks and the one that answers pings may be two. */
    private static void send(Peer peer, byte[] frame) throws IOException {
        synchronized (peer) {
            peer.send(frame);
        }
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + ", which waits for " + underWay.size();
    }

    @Override
    public final void close() throws IOException {
        closed = true;
        mouth.close();
        ear.close();
    }
}
