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
 * The payload so far of one client's unfinished message, in chunks; each chunk is reserved from the {@link Share#INPUT} share before its
 * allocation. The selector thread appends; any thread may evict. Guarded by this.
 */
public final class UnfinishedMessage implements Deadlines.Timed {
    /** Time limit for the arrival of any message. */
    public static final int MAX_SECONDS = 60;

    /** Minimum rate: the time limit grows by a second for each of these many bytes. */
    public static final int MIN_BYTES_PER_SECOND = 16 << 10;

    private static final int FIRST_CHUNK_BYTES = 4 << 10;
    private static final int MAX_CHUNK_BYTES = 64 << 10;

    /** Memory of a chunk beside its bytes: object header, list slot, and the set entries of the first chunk. */
    private static final int CHUNK_OVERHEAD_BYTES = 128;

    private static final int MAX_HEADER_BYTES = 10;
    private static final int LENGTH_IN_2_BYTES = 126;
    private static final int LENGTH_IN_8_BYTES = 127;

    private final UnfinishedMessages all;
    private final Budget.Quota quota;
    private final Consumer<LimitBreach> evicted;

    private final List<byte[]> chunks = new ArrayList<>(1);
    private int lastChunkBytes;
    private long bytes;
    private long reservedBytes;
    private long startNanos;
    private boolean isClosed;

    /**
     * Makes an empty message for a connection.
     *
     * @param quota closed by {@link #close}
     * @param evicted closes the client; called without a lock, on any thread
     */
    UnfinishedMessage(UnfinishedMessages all, Budget.Quota quota, Consumer<LimitBreach> evicted) {
        this.all = all;
        this.quota = quota;
        this.evicted = evicted;
    }

    /**
     * Unmasks and appends a part of a payload.
     *
     * @param key the mask; its first byte belongs to the byte at {@code start}
     * @param left bytes of the frame's payload from {@code start} on, including those that have not arrived
     * @return false if the budget has no room or this is closed; all bytes are then released
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

    /** Unmasks bytes into the free space of the last chunk. Returns their number. */
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
                startNanos = nanos;
            }
            chunks.add(new byte[size]);
            lastChunkBytes = 0;
        }
        if (isFirst) {
            all.add(this);
            if (isClosed()) {
                all.remove(this); // closed before it was added
                return false;
            }
        }
        return true;
    }

    private synchronized boolean isClosed() {
        return isClosed;
    }

    /** Reserves bytes from the quota; called by {@link UnfinishedMessages#tryReserve}. */
    boolean reserve(long more) {
        return quota.tryReserve(Share.INPUT, more);
    }

    /** Adds the complete message to {@code frames}, as one unmasked frame with this first byte. Returns false if this is closed. */
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

    /** Releases all memory for good. Returns whether this is the first call. */
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

    /** Releases all memory and closes the client. */
    void evict(LimitBreach breach) {
        if (close()) {
            evicted.accept(breach);
        }
    }

    /** Returns the memory cost so far: bytes × nanoseconds. */
    synchronized double weight(long nowNanos) {
        return bytes * (double) (nowNanos - startNanos);
    }

    @Override
    public synchronized long deadlineNanos() {
        return startNanos
                + TimeUnit.SECONDS.toNanos(MAX_SECONDS)
                + bytes * (TimeUnit.SECONDS.toNanos(1) / MIN_BYTES_PER_SECOND);
    }

    @Override
    public void expire() {
        evict(LimitBreach.MESSAGE_TIME);
    }
}
