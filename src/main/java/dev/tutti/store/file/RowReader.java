package dev.tutti.store.file;

import dev.tutti.document.StoredUpdate;
import dev.tutti.store.file.Entry.Header;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** Reads the rows of documents from the maps of a volume. As safe for threads as the maps. */
record RowReader(
        EntryFormat format,
        Map<String, byte[]> catalog,
        Map<String, byte[]> states,
        Map<Long, byte[]> journal,
        Pieces pieces) {
    /**
     * Returns rows of a document, the state first; adds lost rows to the damage log.
     *
     * @param wanted selects rows by their ids, with one call for each
     */
    List<StoredUpdate> load(String name, LongPredicate wanted, DamageLog damage) {
        byte[] value = catalog.get(name);
        if (value == null) {
            return List.of();
        }
        CatalogEntry entry = format.decodeCatalogEntry(value);
        List<StoredUpdate> rows = new ArrayList<>();
        if (entry == null || !add(rows, name, entry, wanted)) {
            damage.add("a part of document " + name + " is lost");
        }
        return rows;
    }

    /** Adds all wanted rows that are sound. Returns whether none is lost. */
    private boolean add(List<StoredUpdate> rows, String name, CatalogEntry document, LongPredicate wanted) {
        Header state = document.state();
        boolean isWhole =
                state == null || !wanted.test(state.sequence()) || add(rows, states.get(name), name, state.sequence());
        List<StoredUpdate> updates = new ArrayList<>();
        long sequence = document.lastUpdate();
        for (int i = 0; i < document.updates(); i++) {
            byte[] value = journal.get(sequence);
            Header header = value == null ? null : format.headerOf(value);
            if (wanted.test(sequence)) {
                isWhole &= add(updates, value, name, sequence);
            }
            if (header == null) {
                isWhole = false;
                break; // only this update leads to those before it
            }
            sequence = header.previous();
        }
        Collections.reverse(updates);
        rows.addAll(updates);
        return isWhole;
    }

    private boolean add(List<StoredUpdate> rows, byte @Nullable [] value, String name, long sequence) {
        Entry entry = value == null ? null : decode(value);
        if (entry == null
                || !entry.header().name().equals(name)
                || entry.header().sequence() != sequence) {
            return false;
        }
        rows.add(new StoredUpdate(sequence, entry.content()));
        return true;
    }

    private @Nullable Entry decode(byte[] value) {
        Header header = format.headerOf(value);
        if (header == null || !EntryFormat.isCut(value, header)) {
            return format.decode(value);
        }
        byte[] content = pieces.read(header);
        return content == null ? null : new Entry(header, content);
    }
}
