package dev.tutti.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A tiny file beside a volume that tells up to which entry it has been acknowledged: a volume whose end is damaged opens as it was a commit
 * earlier, and would not know that it lacks something. Confined to the writer.
 *
 * <p>It is written after each commit, but made durable only now and then: so it is exact when the process dies, and may be some seconds
 * behind when the machine does. It is never ahead.
 */
final class HighWaterMark implements AutoCloseable {
    private static final long MAGIC = 0x7475_7474_6932_0a00L;
    private static final int SLOT_BYTES = 5 * 8;
    private static final int SLOTS = 2;
    private static final int FIRST_SLOT = 64;

    /** Of earlier versions, without a horizon; the file begins with their slots. */
    private static final long OLD_MAGIC = 0x7475_7474_6931_0a00L;

    private static final int OLD_SLOT_BYTES = 4 * 8;

    private final FileChannel file;
    private final ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES);
    private long mark;
    private long sequence;
    private long horizon;
    private int writes;
    private boolean dirty;

    HighWaterMark(Path path) throws IOException {
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
            // goes on
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

    /** Returns the mark of the volume's entries, 0 if it is not known. */
    long mark() {
        return mark;
    }

    /** Returns the sequence of the last entry that was acknowledged, or an earlier one; 0 if it is not known. */
    long sequence() {
        return sequence;
    }

    /** Returns the horizon of the volume, or an earlier one. */
    long horizon() {
        return horizon;
    }

    /** Notes what is acknowledged from now on. */
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

    /** Makes durable what was noted. */
    void force() throws IOException {
        if (dirty) {
            file.force(false);
            dirty = false;
        }
    }

    @Override
    public void close() throws IOException {
        try (file) {
            force();
        }
    }
}
