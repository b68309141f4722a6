package dev.tutti.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;

/**
 * A small file beside a volume with the sequence of the last acknowledged entry. A volume with a damaged end opens as an earlier commit left
 * it; this file shows that entries are missing. Confined to the writer.
 *
 * <p>The file is written after each commit, and synced at most once a second: it is exact after a crash of the process, and may be some seconds
 * behind after a crash of the machine. It is never ahead.
 */
final class HighWaterMark implements AutoCloseable {
    private static final long MAGIC = 0x7475_7474_6932_0a00L;
    private static final int SLOT_BYTES = 5 * 8;
    private static final int SLOTS = 2;
    private static final int FIRST_SLOT = 64;

    /** Begins the slots of earlier versions, at the start of the file, without a horizon. */
    private static final long OLD_MAGIC = 0x7475_7474_6931_0a00L;

    private static final int OLD_SLOT_BYTES = 4 * 8;

    /** Time between two syncs while there is always something to write. */
    private static final long SYNC_NANOS = 1_000_000_000L;

    private final LongSupplier nanoTime;
    private final FileChannel file;
    private final ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES);
    private long mark;
    private long sequence;
    private long horizon;
    private int writes;
    private boolean dirty;
    private long syncedNanos;

    /**
     * Opens the file, or creates an empty one.
     *
     * @param nanoTime returns nanoseconds from any origin, for durations
     */
    HighWaterMark(Path path, LongSupplier nanoTime) throws IOException {
        this.nanoTime = nanoTime;
        syncedNanos = nanoTime.getAsLong();
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        for (int i = 0; i < SLOTS; i++) {
            read(FIRST_SLOT + (long) i * SLOT_BYTES, SLOT_BYTES, MAGIC);
        }
        for (int i = 0; i < SLOTS && mark == 0; i++) {
            read((long) i * OLD_SLOT_BYTES, OLD_SLOT_BYTES, OLD_MAGIC);
        }
    }

    private void read(long position, int bytes, long magic) throws IOException {
        slot.clear().limit(bytes);
        while (slot.hasRemaining() && file.read(slot, position + slot.position()) > 0) {
            // continue
        }
        if (!slot.hasRemaining()
                && slot.getLong(0) == magic
                && slot.getLong(bytes - 8) == crc(bytes - 8)
                && slot.getLong(16) >= sequence) {
            mark = slot.getLong(8);
            sequence = slot.getLong(16);
            horizon = bytes == SLOT_BYTES ? slot.getLong(24) : 0;
        }
    }

    private long crc(int bytes) {
        CRC32C crc = new CRC32C();
        crc.update(slot.array(), 0, bytes);
        return crc.getValue();
    }

    /** Returns the mark of the volume's entries, 0 if the file does not have it. */
    long mark() {
        return mark;
    }

    /** Returns the sequence of the last acknowledged entry, or of an earlier one; 0 if the file does not have it. */
    long sequence() {
        return sequence;
    }

    /** Returns the horizon of the volume, or an earlier one. */
    long horizon() {
        return horizon;
    }

    /** Writes the facts of a volume after a commit; {@link #force} makes them durable. */
    void note(long mark, long sequence, long horizon) throws IOException {
        slot.clear();
        slot.putLong(MAGIC).putLong(mark).putLong(sequence).putLong(horizon);
        slot.putLong(crc(SLOT_BYTES - 8)).flip();
        int index = writes++ % SLOTS;
        while (slot.hasRemaining()) {
            file.write(slot, FIRST_SLOT + (long) index * SLOT_BYTES + slot.position());
        }
        this.mark = mark;
        this.sequence = sequence;
        this.horizon = horizon;
        dirty = true;
    }

    /** Makes the last note durable. */
    void force() throws IOException {
        if (dirty) {
            file.force(false);
            dirty = false;
            syncedNanos = nanoTime.getAsLong();
        }
    }

    /** Makes the last note durable if the last sync is a second ago. */
    void forceIfDue() throws IOException {
        if (nanoTime.getAsLong() - syncedNanos >= SYNC_NANOS) {
            force();
        }
    }

    @Override
    public void close() throws IOException {
        try (file) {
            force();
        }
    }
}
