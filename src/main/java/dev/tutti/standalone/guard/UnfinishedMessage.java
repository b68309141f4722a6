package dev.tutti.standalone.guard;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Budget.Share;
import dev.tutti.hub.LimitBreach;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The bytes of one client's message that is not complete, in chunks that are reserved from the {@link Share#INPUT} share before they are
 * made. The connection's thread adds to it; any thread may evict it. Guarded by this.
 */
public final class UnfinishedMessage implements Deadlines.Timed {
    /** Seconds that any message may take to arrive. */
    public static final int MAX_SECONDS = 60;

    /** A message has a second more for each of these. */
    public static final int MIN_BYTES_PER_SECOND = 16 << 10;

    private static final int FIRST_CHUNK_BYTES = 4 << 10;
    private static final int MAX_CHUNK_BYTES = 64 << 10;

    /** What a chunk costs beside its bytes: headers, the list's slot, and for the first the entries in sets. */
    private static final int CHUNK_OVERHEAD_BYTES = 128;

    private static final int MAX_HEADER_BYTES = 10;
    private static final int LENGTH_IN_2_BYTES = 126;
    private static final int LENGTH_IN_8_BYTES = 127;

    private final UnfinishedMessages all;
    private final Budget.Quota quota;
    private final Consumer<LimitBreach> refuse;

    private final List<byte[]> chunks = new ArrayList<>(1);
    private int lastChunkBytes;
    private long bytes;
    private long reservedBytes;
    private long sinceNanos;
    /** Nothing is kept any more. */
    private boolean isClosed;

    /**
     * Makes one for a connection.
     *
     * @param quota closed by {@link #close}
     * @param refuse closes the client; called without a lock, on any thread
     */
    UnfinishedMessage(UnfinishedMessages all, Budget.Quota quota, Consumer<LimitBreach> refuse) {
        this.all = all;
        this.quota = quota;
        this.refuse = refuse;
    }

    /**
     * Adds a part of a payload, unmasked.
     *
     * @param key the mask, its first byte that of the byte at {@code from}
     * @param left how many bytes of the frame are to come, from {@code from} on
     * @return false if there is no memory for it, or this was closed: then nothing is kept any more
     */
    boolean append(ByteBuffer from, int start, int end, int key, long left) {
        int at = start;
        while (at < end) {
            int copied = copy(from, at, end, Integer.rotateLeft(key, 8 * ((at - start) & 3)));
            if (copied == 0 && !grow(left - (at - start))) {
                return false;
            }
            at += copied;
        }
        return true;
    }

    /** Copies what fits into the last chunk; returns how much that was. */
    private synchronized int copy(ByteBuffer from, int at, int end, int key) {
        if (chunks.isEmpty()) {
            return 0;
        }
        byte[] chunk = chunks.get(chunks.size() - 1);
        int n = Math.min(end - at, chunk.length - lastChunkBytes);
        from.get(at, chunk, lastChunkBytes, n);
        for (int i = 0; i < n; i++) {
            chunk[lastChunkBytes + i] ^= (byte) (key >>> (24 - 8 * (i & 3)));
        }
        lastChunkBytes += n;
        bytes += n;
        return n;
    }

    private boolean grow(long left) {
        int size = (int) Math.min(left, nextChunkBytes());
        if (!all.tryReserve(this, size + CHUNK_OVERHEAD_BYTES)) {
            evict(LimitBreach.MEMORY);
            return false;
        }
        return add(size);
    }

    private synchronized int nextChunkBytes() {
        return (int) Math.min(MAX_CHUNK_BYTES, Math.max(FIRST_CHUNK_BYTES, bytes));
    }

    private boolean add(int size) {
        long nanos = all.nanoTime();
        boolean isFirst;
        synchronized (this) {
            if (isClosed) {
                quota.release(Share.INPUT, size + CHUNK_OVERHEAD_BYTES);
                return false;
            }
            reservedBytes += size + CHUNK_OVERHEAD_BYTES;
            isFirst = chunks.isEmpty();
            if (isFirst) {
                sinceNanos = nanos;
            }
            chunks.add(new byte[size]);
            lastChunkBytes = 0;
        }
        if (isFirst) {
            all.add(this);
            if (isClosed()) {
                all.remove(this); // the connection ended before it was added
                return false;
            }
        }
        return true;
    }

    private synchronized boolean isClosed() {
        return isClosed;
    }

    /** Reserves bytes for this; see {@link UnfinishedMessages#tryReserve}. */
    boolean reserve(long more) {
        return quota.tryReserve(Share.INPUT, more);
    }

    /** Takes the message as one frame with this first byte; false if it was evicted meanwhile. */
    boolean take(int first, List<ByteBuffer> frames) {
        all.remove(this);
        long released;
        synchronized (this) {
            if (isClosed) {
                return false;
            }
            frames.add(frame(first));
            released = clear();
        }
        quota.release(Share.INPUT, released);
        return true;
    }

    private ByteBuffer frame(int first) {
        ByteBuffer frame = ByteBuffer.allocate(MAX_HEADER_BYTES + (int) bytes);
        frame.put((byte) first);
        if (bytes < LENGTH_IN_2_BYTES) {
            frame.put((byte) bytes);
        } else if (bytes < 1 << 16) {
            frame.put((byte) LENGTH_IN_2_BYTES).putShort((short) bytes);
        } else {
            frame.put((byte) LENGTH_IN_8_BYTES).putLong(bytes);
        }
        for (int i = 0; i < chunks.size(); i++) {
            byte[] chunk = chunks.get(i);
            frame.put(chunk, 0, i < chunks.size() - 1 ? chunk.length : lastChunkBytes);
        }
        return frame.flip();
    }

    private long clear() {
        long released = reservedBytes;
        reservedBytes = 0;
        bytes = 0;
        lastChunkBytes = 0;
        chunks.clear();
        return released;
    }

    /** Lets go of everything, for good; returns whether this is the first call. */
    boolean close() {
        long released;
        synchronized (this) {
            if (isClosed) {
                return false;
            }
            isClosed = true;
            released = clear();
        }
        all.remove(this);
        quota.release(Share.INPUT, released);
        quota.close();
        return true;
    }

    /** Lets go of everything, and closes the client. */
    void evict(LimitBreach refusal) {
        if (close()) {
            refuse.accept(refusal);
        }
    }

    /** Returns how much this harms others: bytes × seconds. */
    synchronized double weight(long nowNanos) {
        return bytes * (double) (nowNanos - sinceNanos);
    }

    @Override
    public synchronized long deadlineNanos() {
        return sinceNanos
                + TimeUnit.SECONDS.toNanos(MAX_SECONDS)
                + bytes * (TimeUnit.SECONDS.toNanos(1) / MIN_BYTES_PER_SECOND);
    }

    @Override
    public void expire() {
        evict(LimitBreach.MESSAGE_TIME);
    }
}
