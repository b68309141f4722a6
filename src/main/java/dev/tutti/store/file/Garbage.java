package dev.tutti.store.file;

import dev.tutti.store.file.Entry.Header;
import org.jspecify.annotations.Nullable;

/**
 * What is obsolete in a volume: updates in the journal that came before a state or a tombstone, and pieces of entries that are not there. It is
 * removed a little at a time. Confined to the writer.
 */
final class Garbage {
    private final Volume volume;
    /** Sequences of entries, each of which may stand for updates before it. */
    private final LongQueue waiting = new LongQueue();
    /** Removed since the last commit. */
    private final LongQueue removed = new LongQueue();
    /** Entries whose pieces were written since the last commit of entries. */
    private final LongQueue staged = new LongQueue();

    Garbage(Volume volume) {
        this.volume = volume;
    }

    /** Has what there is of an entry removed later, and the updates of its document before it. */
    void add(long sequence) {
        waiting.add(sequence);
    }

    /** The pieces of an entry are being written; they are obsolete if it is not. */
    void staged(long sequence) {
        staged.add(sequence);
    }

    /** Returns how many entries at least are obsolete. */
    int size() {
        return waiting.size();
    }

    /** Removes some, so many at most, with the next commit. */
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
                waiting.add(update.previous()); // a state if it is the first, of which there may be pieces
            }
        }
    }

    /** What was removed is gone for good, and what was staged is there. */
    void committed() {
        removed.clear();
        staged.clear();
    }

    /**
     * Takes over from the volume that had the same file open, and could not commit. What only its lost changes made obsolete counts here, and
     * stays.
     */
    void inherit(Garbage failed) {
        for (LongQueue from : new LongQueue[] {failed.waiting, failed.removed, failed.staged}) {
            while (from.size() > 0) {
                long sequence = from.remove();
                if (isObsolete(sequence)) {
                    waiting.add(sequence);
                }
            }
        }
    }

    /** Returns whether something is there of an entry that does not count. */
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

    /** Returns whether a state or a tombstone has come after an update of the journal. */
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
