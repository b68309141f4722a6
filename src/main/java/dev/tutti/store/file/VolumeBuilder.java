package dev.tutti.store.file;

import dev.tutti.store.file.Entry.Header;
import dev.tutti.store.file.Entry.Kind;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fills a new volume with entries: the state of each document before its updates, and the updates in the order of their sequences. Confined
 * to one thread.
 */
final class VolumeBuilder implements AutoCloseable {
    private static final long COMMIT_BYTES = 8L << 20;

    private final Volume volume;
    private long uncommittedBytes;
    private boolean isFinished;

    VolumeBuilder(String fileName, long mark) {
        volume = new Volume(fileName, mark);
    }

    /** Adds an entry to its document, after the entries that were added before. */
    void add(Entry entry) {
        Header header = entry.header();
        EntryWriter writer = volume.entryWriter();
        writer.write(header.kind(), writer.stage(header.name(), entry.content(), header.sequence()), header.millis());
        uncommittedBytes += entry.content().length;
        if (uncommittedBytes > COMMIT_BYTES) {
            volume.commit();
            uncommittedBytes = 0;
        }
    }

    /**
     * Adds the current entries of a volume that an earlier version of Tutti wrote. Returns the last sequence of that volume.
     *
     * @throws IllegalStateException if any entry is damaged
     */
    long addFormer(Volume old) {
        long last = old.lastSequence();
        for (Map.Entry<String, byte[]> item : old.catalog().entrySet()) {
            Header base = sound(old.format().decodeHeader(item.getValue()));
            last = Math.max(last, base.sequence());
            if (base.kind() == Kind.STATE) {
                add(sound(decode(old, old.states().get(item.getKey()))));
            }
        }
        for (Map.Entry<Long, byte[]> item : old.journal().entrySet()) {
            Entry update = sound(decode(old, item.getValue()));
            last = Math.max(last, item.getKey());
            byte[] base = old.catalog().get(update.header().name());
            if (base == null || sound(old.format().decodeHeader(base)).sequence() < item.getKey()) {
                add(update);
            }
        }
        return last;
    }

    private static @Nullable Entry decode(Volume old, byte @Nullable [] value) {
        return value == null ? null : old.format().decode(value);
    }

    private static <T> T sound(@Nullable T found) {
        if (found == null) {
            throw new IllegalStateException("a document is damaged");
        }
        return found;
    }

    /** Makes all entries durable, and sets the last sequence, though its entry may be gone. */
    void finish(long sequence) {
        volume.setLastSequence(sequence);
        volume.commit();
        isFinished = true;
    }

    @Override
    public void close() {
        if (isFinished) {
            volume.close();
        } else {
            volume.abandon();
        }
    }
}
