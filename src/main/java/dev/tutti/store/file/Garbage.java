package dev.tutti.store.file;

import dev.tutti.store.file.Entry.Header;
import org.jspecify.annotations.Nullable;

/**
 * The obsolete entries of a volume: updates in the journal that a state or a tombstone has replaced, and pieces without an entry. Removes a few
 * at a time. Confined to the writer.
 */
final class Garbage {
    private final Volume volume;
    /** Sequences of obsolete entries; each stands also for the updates before it. */
    private final LongQueue waiting = new LongQueue();
    /** Sequences of entries that were removed since the last commit. */
    private final LongQueue removed = new LongQueue();
    /** Sequences of entries whose pieces were written since the last commit. */
    private final LongQueue staged = new LongQueue();
    /** Obsolete entries, those before the waiting ones too; less after a failed commit. */
    private long count;

    Garbage(Volume volume) {
        this.volume = volume;
    }

    /**
     * Adds an obsolete entry, with its pieces and the updates before it.
     *
     * @param entries the number of the entry and the updates before it
     */
    void add(long sequence, int entries) {
        waiting.add(sequence);
        count += entries;
    }

    /** Notes that the pieces of an entry are being written; they are obsolete if the entry does not follow. */
    void staged(long sequence) {
        staged.add(sequence);
    }

    /** Returns a lower bound of the number of obsolete entries. */
    long size() {
        return Math.max(count, waiting.size());
    }

    /** Removes some entries with the next commit. */
    void remove(int max) {
        for (int i = 0; i < max && waiting.size() > 0; i++) {
            long sequence = waiting.remove();
            byte[] value = volume.journal().remove(sequence);
            Header update = value == null ? null : volume.format().headerOf(value);
            boolean mayHavePieces = update == null || Pieces.isLarge(update.contentLength());
            if ((mayHavePieces && volume.pieces().remove(sequence)) || value != null) {
                removed.add(sequence);
            }
            if (update != null && update.previous() > 0) {
                waiting.add(update.previous()); // the first leads to the state, which may have pieces
            }
        }
        count = waiting.size() == 0 ? 0 : Math.max(0, count - max);
    }

    /** Notes a commit: the removed entries are gone, and the staged ones have their entries. */
    void committed() {
        removed.clear();
        staged.clear();
    }

    /**
     * Takes over from the volume that had the same file open and failed to commit. Leaves out entries that only the lost changes made
     * obsolete.
     */
    void inherit(Garbage failed) {
        for (LongQueue from : new LongQueue[] {failed.waiting, failed.removed, failed.staged}) {
            while (from.size() > 0) {
                long sequence = from.remove();
                if (isObsolete(sequence)) {
                    add(sequence, 1);
                }
            }
        }
    }

    /** Returns whether the volume has an update or pieces with this sequence that are obsolete. */
    boolean isObsolete(long sequence) {
        byte[] value = volume.journal().get(sequence);
        Header update = value == null ? null : volume.format().headerOf(value);
        if (update != null) {
            return isObsolete(update);
        }
        String name = volume.pieces().nameOf(sequence);
        CatalogEntry entry = name == null ? null : volume.entry(name);
        Header state = entry == null ? null : entry.state();
        return name != null && (state == null || state.sequence() != sequence);
    }

    /** Returns whether a state or a tombstone has replaced an update of the journal. */
    boolean isObsolete(Header update) {
        CatalogEntry entry = volume.entry(update.name());
        Header state = entry == null ? null : entry.state();
        Header tombstone = tombstoneOf(update.name());
        return update.sequence() <= volume.horizon()
                || (state != null && update.sequence() < state.sequence())
                || (tombstone != null && update.sequence() < tombstone.sequence());
    }

    private @Nullable Header tombstoneOf(String name) {
        byte[] value = volume.tombstones().get(name);
        return value == null ? null : volume.format().decodeHeader(value);
    }
}
