package dev.tutti.store;

import dev.tutti.store.Entry.Head;
import org.jspecify.annotations.Nullable;

/** The updates in a volume's journal that a state or a deletion has made obsolete. They are removed a few at a time. Confined to the writer. */
final class Garbage {
    private final Volume volume;
    /** Each may stand for others before it. */
    private final LongQueue waiting = new LongQueue();
    /** Removed since the last commit. */
    private final LongQueue removed = new LongQueue();

    Garbage(Volume volume) {
        this.volume = volume;
    }

    /** Has an update removed later, and those of its document before it. */
    void add(long sequence) {
        waiting.add(sequence);
    }

    /** Returns how many updates at least are obsolete. */
    int size() {
        return waiting.size();
    }

    /** Removes some, so many at most, with the next commit. */
    void remove(int max) {
        for (int i = 0; i < max && waiting.size() > 0; i++) {
            long sequence = waiting.remove();
            byte[] value = volume.journal().remove(sequence);
            Head head = value == null ? null : volume.format().headOf(value);
            if (value != null) {
                removed.add(sequence);
            }
            if (head != null && head.previous() > 0) {
                waiting.add(head.previous()); // a state if it is the first; then the journal has none
            }
        }
    }

    /** What was removed is gone for good. */
    void committed() {
        removed.clear();
    }

    /**
     * Takes over from the volume that had the same file open, and could not commit. What only its lost changes made obsolete counts here, and
     * stays.
     */
    void inherit(Garbage failed) {
        for (LongQueue from : new LongQueue[] {failed.waiting, failed.removed}) {
            while (from.size() > 0) {
                long sequence = from.remove();
                byte[] value = volume.journal().get(sequence);
                Head head = value == null ? null : volume.format().headOf(value);
                if (head != null && isObsolete(head)) {
                    waiting.add(sequence);
                }
            }
        }
    }

    /** Returns whether a state or a deletion has come after an update of the journal. */
    boolean isObsolete(Head update) {
        CatalogEntry entry = volume.entry(update.name());
        Head state = entry == null ? null : entry.state();
        Head deletion = deletionOf(update.name());
        return update.sequence() <= volume.horizon()
                || (state != null && update.sequence() < state.sequence())
                || (deletion != null && update.sequence() < deletion.sequence());
    }

    private @Nullable Head deletionOf(String name) {
        byte[] value = volume.deletions().get(name);
        return value == null ? null : volume.format().decodeHead(value);
    }
}
