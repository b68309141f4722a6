package dev.tutti.store;

import dev.tutti.store.Entry.Head;
import dev.tutti.store.Entry.Kind;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fills a new volume with entries: the state of each document before its updates, and updates in the order of their sequence. Confined to one
 * thread.
 */
final class VolumeBuilder implements AutoCloseable {
    private static final long COMMIT_BYTES = 8L << 20;

    private final Volume volume;
    private final Tails tails = new Tails();
    private long uncommittedBytes;
    private long lastSequence;

    VolumeBuilder(String fileName, long mark) {
        volume = new Volume(fileName, mark);
    }

    /** Adds an entry, after those that are there of its document, whichever they are. */
    void add(Entry entry) {
        Head head = entry.head();
        Head linked = new Head(
                head.kind(),
                head.name(),
                head.sequence(),
                head.kind() == Kind.UPDATE ? previous(head.name()) : 0,
                head.millis(),
                head.contentLength(),
                head.contentCrc());
        volume.put(new Entry(linked, entry.content()));
        if (head.kind() == Kind.UPDATE) {
            tails.add(linked);
        }
        lastSequence = Math.max(lastSequence, head.sequence());
        uncommittedBytes += entry.content().length;
        if (uncommittedBytes > COMMIT_BYTES) {
            volume.commit();
            uncommittedBytes = 0;
        }
    }

    private long previous(String name) {
        Tail tail = tails.get(name);
        if (tail.count() > 0) {
            return tail.last();
        }
        @Nullable Head base = volume.base(name);
        return base == null ? 0 : base.sequence();
    }

    /** Adds all that a volume has now, without what is obsolete. */
    void addAll(Contents from) {
        for (byte[] value : from.volume().states().values()) {
            add(sound(from.volume().format().decode(value)));
        }
        for (Map.Entry<Long, byte[]> item : from.volume().journal().entrySet()) {
            Entry update = sound(from.volume().format().decode(item.getValue()));
            Head base = from.volume().base(update.head().name());
            if (base == null || base.sequence() < item.getKey()) {
                add(update);
            }
        }
    }

    private static Entry sound(@Nullable Entry entry) {
        if (entry == null) {
            throw new IllegalStateException("a document is damaged");
        }
        return entry;
    }

    /** Makes all durable, and says up to which sequence there were entries, though some may be gone. */
    void finish(long sequence) {
        volume.setFloor(Math.max(sequence, lastSequence));
        volume.commit();
    }

    @Override
    public void close() {
        volume.close();
    }
}
