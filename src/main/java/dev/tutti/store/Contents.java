package dev.tutti.store;

import dev.tutti.document.StoredDocument;
import dev.tutti.store.Entry.Head;
import dev.tutti.store.Entry.Kind;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.h2.mvstore.Cursor;
import org.jspecify.annotations.Nullable;

/** What documents a volume has: its states, and the updates of its journal that have come since. Any thread may read; one writes. */
record Contents(Volume volume, Tails tails) {
    /** Reads; what it reads stays where it is until it has. */
    <T> T read(Function<Contents, T> reader) {
        return volume.read(() -> reader.apply(this));
    }

    /** Returns what is kept of a document; what is lost of it is said. */
    List<byte[]> load(String name, Damages damages) {
        while (true) {
            Tail tail = tails.get(name); // first: what is cut off it meanwhile is in the state
            Head base = volume.base(name);
            List<byte[]> updates = new ArrayList<>(tail.count() + 1);
            boolean isWhole = true;
            if (base != null && base.kind() == Kind.STATE) {
                isWhole = add(updates, volume.states().get(name), base.sequence(), name);
            }
            for (int i = 0; i < tail.count(); i++) {
                long sequence = tail.sequences()[i];
                if (base == null || sequence > base.sequence()) {
                    isWhole &= add(updates, volume.journal().get(sequence), sequence, name);
                }
            }
            if (isWhole) {
                return updates;
            }
            if (Objects.equals(base, volume.base(name))) {
                damages.add("a part of document " + name + " is lost");
                return updates;
            }
            // it was replaced meanwhile
        }
    }

    private boolean add(List<byte[]> updates, byte @Nullable [] value, long sequence, String name) {
        Entry entry = value == null ? null : volume.format().decode(value);
        if (entry == null || !entry.head().name().equals(name) || entry.head().sequence() != sequence) {
            return false;
        }
        updates.add(entry.content());
        return true;
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
