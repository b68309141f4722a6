package dev.tutti.store;

import dev.tutti.store.Entry.Head;
import dev.tutti.store.Entry.Kind;
import java.util.Map;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a volume from beginning to end: whether every entry is whole, is where it is looked for, and has all the others that it needs; and
 * makes the index of its journal. Confined to whoever opens the volume.
 */
final class Inspection {
    private final Volume volume;
    private final Tails tails = new Tails();
    private long lastSequence;
    private @Nullable String fault;
    private boolean unreadable;

    Inspection(Volume volume) {
        this.volume = volume;
        lastSequence = volume.floor();
        try {
            int states = inspectCatalog();
            inspectStates(states);
            inspectJournal();
        } catch (MVStoreException e) {
            fault("a page cannot be read");
            unreadable = true;
        } catch (RuntimeException | AssertionError e) {
            fault("a page makes no sense: " + e);
            unreadable = true;
        }
    }

    /** Returns what is wrong with the volume, or null if it is sound. */
    @Nullable
    String fault() {
        return fault;
    }

    /** Returns whether something could not even be looked at. */
    boolean isUnreadable() {
        return unreadable;
    }

    Tails tails() {
        return tails;
    }

    /** Returns the greatest sequence of all entries. */
    long lastSequence() {
        return lastSequence;
    }

    private void fault(String what) {
        if (fault == null) {
            fault = what;
        }
    }

    /** Returns how many states there must be. */
    private int inspectCatalog() {
        int states = 0;
        String before = "";
        for (Map.Entry<String, byte[]> item : volume.catalog().entrySet()) {
            String name = item.getKey();
            Head head = volume.format().decodeHead(item.getValue());
            if (head == null || !head.name().equals(name)) {
                fault("the catalog of document " + name + " is damaged");
                continue;
            }
            if (name.compareTo(before) <= 0 || !volume.catalog().containsKey(name)) {
                fault("the catalog is out of order at document " + name);
            }
            before = name;
            lastSequence = Math.max(lastSequence, head.sequence());
            states += head.kind() == Kind.STATE ? 1 : 0;
        }
        return states;
    }

    private void inspectStates(int expected) {
        int count = 0;
        for (Map.Entry<String, byte[]> item : volume.states().entrySet()) {
            count++;
            String name = item.getKey();
            Entry state = volume.format().decode(item.getValue());
            Head base = volume.base(name);
            if (state == null || !state.head().name().equals(name)) {
                fault("the state of document " + name + " is damaged");
            } else if (base == null
                    || base.kind() != Kind.STATE
                    || base.sequence() != state.head().sequence()
                    || !volume.states().containsKey(name)) {
                fault("the state of document " + name + " does not match the catalog");
            }
        }
        if (count != expected) {
            fault("there are " + count + " states instead of " + expected);
        }
    }

    private void inspectJournal() {
        long before = 0;
        for (Map.Entry<Long, byte[]> item : volume.journal().entrySet()) {
            long sequence = item.getKey();
            Entry update = volume.format().decode(item.getValue());
            if (update == null || update.head().sequence() != sequence) {
                fault("update " + sequence + " is damaged");
                continue;
            }
            if (sequence <= before || !volume.journal().containsKey(sequence)) {
                fault("the journal is out of order at update " + sequence);
            }
            before = sequence;
            lastSequence = Math.max(lastSequence, sequence);
            inspectUpdate(update.head());
        }
    }

    private void inspectUpdate(Head update) {
        Tail tail = tails.get(update.name());
        Head base = tail.count() == 0 ? volume.base(update.name()) : null;
        if (base != null && update.sequence() < base.sequence()) {
            tails.addObsolete(update.sequence());
            return;
        }
        long previous = tail.count() > 0 ? tail.last() : base == null ? 0 : base.sequence();
        if (update.previous() != previous) {
            fault("document " + update.name() + " lacks an update");
        }
        tails.add(update);
    }
}
