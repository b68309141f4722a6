package dev.tutti.protocol.hocuspocus;

import dev.tutti.hub.Budget.Quota;
import dev.tutti.hub.Budget.Share;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Messages about documents that the client has not opened yet, by the client's key of the document. Stock clients send them together with
 * their authentication. Bounded in messages, documents and bytes, and counted in the client's input quota. {@link #close} may come from any
 * thread, all else from the connection's reading thread.
 */
final class PendingMessages {
    private static final int MAX_MESSAGES = 1_000;
    private static final int MAX_DOCUMENTS = 100;

    private final Quota quota;
    /** 0 means no limit. */
    private final int maxBytes;

    // Confined to the reading thread.
    private final Map<String, List<byte[]>> messages = new HashMap<>(2);
    private int count;
    private long bytes;

    // Guarded by this.
    /** The part of {@link #bytes} that the quota counts; less after {@link #close}. */
    private long reservedBytes;

    private boolean isClosed;

    PendingMessages(Quota quota, int maxBytes) {
        this.quota = quota;
        this.maxBytes = maxBytes;
    }

    /**
     * Keeps a message.
     *
     * @return false if the quota has no memory for it
     * @throws MalformedUpdateException if too much is pending
     */
    boolean add(String key, byte[] message) throws MalformedUpdateException {
        if (count == MAX_MESSAGES
                || (maxBytes != 0 && bytes + message.length > maxBytes)
                || (messages.size() == MAX_DOCUMENTS && !messages.containsKey(key))) {
            throw new MalformedUpdateException("too much before authentication");
        }
        if (!reserve(message.length)) {
            return false;
        }
        count++;
        bytes += message.length;
        messages.computeIfAbsent(key, name -> new ArrayList<>(2)).add(message);
        return true;
    }

    /** Removes and returns a document's messages, in their order. */
    List<byte[]> take(String key) {
        List<byte[]> taken = messages.remove(key);
        if (taken == null) {
            return List.of();
        }
        long takenBytes = taken.stream().mapToLong(message -> message.length).sum();
        count -= taken.size();
        bytes -= takenBytes;
        release(takenBytes);
        return taken;
    }

    /** Releases the reserved memory, and reserves none from here on. */
    synchronized void close() {
        isClosed = true;
        release(reservedBytes);
    }

    private synchronized boolean reserve(long more) {
        if (isClosed || !quota.tryReserve(Share.INPUT, more)) {
            return false;
        }
        reservedBytes += more;
        return true;
    }

    private synchronized void release(long less) {
        long released = Math.min(less, reservedBytes);
        reservedBytes -= released;
        quota.release(Share.INPUT, released);
    }
}
