package dev.tutti.store;

import dev.tutti.store.Entry.Head;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Which updates in a volume's journal are of which document, and which are of none any more. It is in memory, some bytes for each update that
 * no state has taken in. Any thread may read; one writes.
 */
final class Tails {
    private final ConcurrentNavigableMap<String, Tail> byName = new ConcurrentSkipListMap<>();
    private final LongQueue obsolete = new LongQueue();

    Tail get(String name) {
        return byName.getOrDefault(name, Tail.NONE);
    }

    void add(Head update) {
        byName.put(update.name(), get(update.name()).plus(update));
    }

    /** A state or a deletion has come: the updates before it are obsolete. */
    void cut(String name) {
        Tail tail = byName.remove(name);
        for (int i = 0; tail != null && i < tail.count(); i++) {
            obsolete.add(tail.sequences()[i]);
        }
    }

    /** An entry of the journal turned out to be obsolete. */
    void addObsolete(long sequence) {
        obsolete.add(sequence);
    }

    LongQueue obsolete() {
        return obsolete;
    }

    /** Returns the tails of documents, by their names in their order. */
    NavigableMap<String, Tail> all() {
        return byName;
    }
}
