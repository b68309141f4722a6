package dev.tutti.endpoint;

import dev.tutti.hub.Batch;
import dev.tutti.hub.Frame;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that were sent to one peer since the last that it has certainly read. A pong proves that the peer has read everything before the
 * ping, because no peer can guess the ping's data. So the kernel's send buffer holds at most the rest.
 *
 * <p>{@link #limit} and {@link #sent} belong to the send in flight; all else is safe for any thread.
 */
final class SendWindow {
    /**
     * The unread bytes below which a write cannot block. Linux takes at least 23,000 bytes for a peer that does not read, however small its
     * receive buffer and the writes are (docs/servers.md).
     */
    static final int MAX_BYTES = 16 * 1024;

    /** The unread bytes after which a ping is due: the answer should arrive before the window is full. */
    static final int PING_BYTES = MAX_BYTES / 2;

    /** The largest write: with some pongs of its own, the container holds it in a buffer of 8 KiB. */
    static final int MAX_WRITE_BYTES = 7 * 1024;

    /** Upper bound of a header (RFC 6455 section 5.2) for a payload of at most {@link #MAX_WRITE_BYTES}. */
    private static final int HEADER_BYTES = 4;

    /** A ping that the peer has not answered: its data, and the bytes that were sent and queued before it. */
    private record Ping(long data, long position, long queuedPosition) {}

    private final RandomGenerator random;

    /** Bytes that the network has taken since the connection opened. Written by one send at a time. */
    private volatile long sent;

    /** The part of {@link #sent} that the peer has read. */
    private volatile long read;

    /** Bytes of memory of all frames that the container may have queued. Written by one send at a time. */
    private volatile long queued;

    /** The part of {@link #queued} that the peer has read. */
    private volatile long dequeued;

    /** The last ping, until its pong arrives; then null. */
    private volatile @Nullable Ping pinged;

    /**
     * Makes the window of a peer that has been sent nothing.
     *
     * @param random makes the data of pings, and cannot be predicted
     */
    SendWindow(RandomGenerator random) {
        this.random = random;
    }

    /** Returns the index behind the last frame, from {@code from} on, that can be written without blocking; {@code from} if none can. */
    int limit(Batch batch, int from) {
        long room = Math.min(MAX_WRITE_BYTES, MAX_BYTES - (sent - read));
        int to = from;
        while (to < batch.size()) {
            room -= bytes(batch.frame(to));
            if (room < 0) {
                break;
            }
            to++;
        }
        return to;
    }

    /** Counts frames that the network has taken. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one send at a time
    void sent(Batch batch, int from, int to) {
        long more = 0;
        for (int i = from; i < to; i++) {
            more += bytes(batch.frame(i));
        }
        sent += more;
    }

    /**
     * Counts a frame that the container may keep in a queue after it has reported it as sent.
     *
     * @param bytes of memory in that queue
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one send at a time
    void queued(int bytes) {
        queued += bytes;
    }

    /** Returns the bytes of memory of frames that the container may have queued, and the peer has not read. */
    long queuedBytes() {
        return queued - dequeued;
    }

    private static int bytes(Frame frame) {
        return HEADER_BYTES + frame.payload().length;
    }

    /** Returns whether the peer should be pinged: much is unread, and it has answered the last ping. */
    boolean isPingDue() {
        return sent - read >= PING_BYTES && pinged == null;
    }

    /** Returns whether the last ping has no answer yet. */
    boolean isPinged() {
        return pinged != null;
    }

    /** Returns the data of a ping that is written next. */
    ByteBuffer ping() {
        Ping ping = new Ping(random.nextLong(), sent, queued);
        pinged = ping;
        return ByteBuffer.allocate(Long.BYTES).putLong(0, ping.data);
    }

    /** Takes the data of a pong. Only the answer to the last ping counts. */
    void pong(ByteBuffer data) {
        Ping ping = pinged;
        if (ping != null && data.remaining() == Long.BYTES && data.getLong(data.position()) == ping.data) {
            read = ping.position;
            dequeued = ping.queuedPosition;
            pinged = null;
        }
    }
}
