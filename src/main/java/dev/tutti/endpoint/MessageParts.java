package dev.tutti.endpoint;

import dev.tutti.hub.Budget.Quota;
import dev.tutti.hub.Budget.Share;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The parts of an unfinished message; the client's quota of input counts them. Safe for any thread, guarded by this: Tomcat reports the close
 * of a session on the thread that closes it, while another may bring a part.
 */
final class MessageParts {
    private final Quota quota;
    private List<byte[]> parts = new ArrayList<>(0);
    private int bytes;
    private boolean closed;

    MessageParts(Quota quota) {
        this.quota = quota;
    }

    /** Returns the bytes of all parts. */
    synchronized int bytes() {
        return bytes;
    }

    /** Adds a copy of a part; false, without a change, if the quota has too few bytes left. After {@link #close}, adds nothing. */
    synchronized boolean tryAdd(ByteBuffer part) {
        if (closed) {
            return true;
        }
        if (!quota.tryReserve(Share.INPUT, part.remaining())) {
            return false;
        }
        bytes += part.remaining();
        parts.add(copy(part));
        return true;
    }

    /** Returns the whole message, given its last part, and drops the parts. */
    synchronized byte[] join(ByteBuffer last) {
        if (parts.isEmpty()) {
            return copy(last);
        }
        ByteBuffer message = ByteBuffer.allocate(bytes + last.remaining());
        parts.forEach(message::put);
        message.put(last);
        drop();
        return message.array();
    }

    /** Drops the parts and gives their bytes back. */
    synchronized void drop() {
        quota.release(Share.INPUT, bytes);
        parts = new ArrayList<>(0); // a cleared list keeps its array
        bytes = 0;
    }

    /** Drops the parts, and all later ones. */
    synchronized void close() {
        closed = true;
        drop();
    }

    private static byte[] copy(ByteBuffer part) {
        byte[] copy = new byte[part.remaining()];
        part.get(copy);
        return copy;
    }
}
