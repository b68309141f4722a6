package dev.tutti.store;

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
final class Waterline implements AutoCloseable {
    private static final long MAGIC = 0x7475_7474_6931_0a00L;
    private static final int SLOT_BYTES = 4 * 8;
    private static final int SLOTS = 2;

    private final FileChannel file;
    private final ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES);
    private long mark;
    private long sequence;
    private int writes;
    private boolean dirty;

    Waterline(Path path) throws IOException {
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        for (int i = 0; i < SLOTS; i++) {
            read(i);
        }
    }

    private void read(int index) throws IOException {
        slot.clear();
        while (slot.hasRemaining() && file.read(slot, (long) index * SLOT_BYTES + slot.position()) > 0) {
            // goes on
        }
        if (!slot.hasRemaining()
                && slot.getLong(0) == MAGIC
                && slot.getLong(24) == crc()
                && slot.getLong(16) >= sequence) {
            mark = slot.getLong(8);
            sequence = slot.getLong(16);
        }
    }

    private long crc() {
        CRC32C crc = new CRC32C();
        crc.update(slot.array(), 0, 24);
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

    /** Notes what is acknowledged from now on. */
    void note(long mark, long sequence) throws IOException {
        slot.clear();
        slot.putLong(MAGIC).putLong(mark).putLong(sequence);
        slot.putLong(crc()).flip();
        int index = writes++ % SLOTS;
        while (slot.hasRemaining()) {
            file.write(slot, (long) index * SLOT_BYTES + slot.position());
        }
        this.mark = mark;
        this.sequence = sequence;
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
