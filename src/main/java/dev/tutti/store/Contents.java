package dev.tutti.store;

import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.Entry.Head;
import dev.tutti.store.Entry.Kind;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.h2.mvstore.Cursor;
import org.jspecify.annotations.Nullable;

/** What documents a volume has: its states, and the updates of its journal that have come since. Any thread may read; one writes. */
record Contents(Volume volume, Tails tails) {
    /** Reads; what it reads stays where it is until it has. */
    <T> T read(Function<Contents, T> reader) {
        return volume.read(() -> reader.apply(this));
    }

    /** Returns the rows of a document; what is lost of it is said. */
    List<StoredUpdate> load(String name, Damages damages) {
        return load(name, id -> true, damages);
    }

    /** Returns the rows of a document that are wanted; what is lost of them is said. */
    List<StoredUpdate> load(String name, LongPredicate wanted, Damages damages) {
        while (true) {
            Tail tail = tails.get(name); // first: what is cut off it meanwhile is in the state
            Head base = volume.base(name);
            List<StoredUpdate> rows = new ArrayList<>(tail.count() + 1);
            boolean isWhole = true;
            if (base != null && base.kind() == Kind.STATE && wanted.test(base.sequence())) {
                isWhole = add(rows, volume.states().get(name), base.sequence(), name);
            }
            for (int i = 0; i < tail.count(); i++) {
                long sequence = tail.sequences()[i];
                if ((base == null || sequence > base.sequence()) && wanted.test(sequence)) {
                    isWhole &= add(rows, volume.journal().get(sequence), sequence, name);
                }
            }
            if (isWhole) {
                return rows;
            }
            if (Objects.equals(base, volume.base(name))) {
                damages.add("a part of document " + name + " is lost");
                return rows;
            }
            // it was replaced meanwhile
        }
    }

    private boolean add(List<StoredUpdate> rows, byte @Nullable [] value, long sequence, String name) {
        Entry entry = value == null ? null : volume.format().decode(value);
        if (entry == null || !entry.head().name().equals(name) || entry.head().sequence() != sequence) {
            return false;
        }
        rows.add(new StoredUpdate(sequence, entry.content()));
        return true;
    }

    /** Returns whether there is such a document. */
    boolean has(String name) {
        return tails.get(name).count() > 0 || state(name) != null;
    }

    /** Returns whether a document has one of some rows. */
    boolean hasAny(String name, Set<Long> ids) {
        Head state = state(name);
        return (state != null && ids.contains(state.sequence()))
                || tails.get(name).ids().anyMatch(ids::contains);
    }

    private @Nullable Head state(String name) {
        Head base = volume.base(name);
        return base != null && base.kind() == Kind.STATE ? base : null;
    }

    List<StoredDocument> list(String prefix, String after, int max) {
        boolean isFirst = after.compareTo(prefix) < 0;
        String from = isFirst ? prefix : after;
        Iterator<Map.Entry<String, Tail>> recent =
                tails.all().tailMap(from, isFirst).entrySet().iterator();
        Cursor<String, byte[]> kept = volume.catalogFrom(from);
        List<StoredDocument> found = new ArrayList<>();
        Map.Entry<String, Tail> tail = next(recent, prefix);
        Head base = next(kept, from, isFirst, prefix);
        while (found.size() < max && (tail != null || base != null)) {
            int order = tail == null ? 1 : base == null ? -1 : tail.getKey().compareTo(base.name());
            if (tail != null && order <= 0) {
                found.add(document(tail.getKey(), tail.getValue(), order == 0 ? base : null));
            } else if (base != null && base.kind() == Kind.STATE) {
                found.add(document(base.name(), Tail.NONE, base));
            }
            tail = order <= 0 ? next(recent, prefix) : tail;
            base = order >= 0 ? next(kept, from, isFirst, prefix) : base;
        }
        return found;
    }

    private static StoredDocument document(String name, Tail tail, @Nullable Head base) {
        long bytes = tail.bytes();
        long millis = tail.millis();
        if (base != null && base.kind() == Kind.STATE) {
            bytes += base.contentLength();
            millis = Math.max(millis, base.millis());
        }
        return new StoredDocument(name, bytes, millis);
    }

    private static Map.@Nullable Entry<String, Tail> next(Iterator<Map.Entry<String, Tail>> tails, String prefix) {
        Map.Entry<String, Tail> tail = tails.hasNext() ? tails.next() : null;
        return tail != null && tail.getKey().startsWith(prefix) ? tail : null;
    }

    /** Returns the next head in the catalog, without those that are damaged, or null at the end. */
    private @Nullable Head next(Cursor<String, byte[]> cursor, String from, boolean isFirst, String prefix) {
        while (cursor.hasNext()) {
            String name = cursor.next();
            if (!name.startsWith(prefix)) {
                return null;
            }
            Head head = isFirst || !name.equals(from) ? volume.format().decodeHead(cursor.getValue()) : null;
            if (head != null) {
                return head;
            }
        }
        return null;
    }
}
