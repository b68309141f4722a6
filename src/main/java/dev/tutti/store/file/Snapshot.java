package dev.tutti.store.file;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongPredicate;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * The documents of a volume as one commit left them. Safe for any thread between {@link #acquire} and {@link #release}: the volume reuses
 * the space of the snapshot's pages only after the last release.
 */
final class Snapshot {
    private final MVStore store;
    private final MVStore.TxCounter pagesInUse;
    private final EntryFormat format;
    private final MVMap<String, byte[]> catalog;
    private final RowReader rows;

    /** The readers, and the volume while this is its newest snapshot; 0 once the pages may be gone. */
    private final AtomicInteger users = new AtomicInteger(1);

    /** Takes the maps as they are. For the writer, right after a commit. */
    Snapshot(
            MVStore store,
            EntryFormat format,
            MVMap<String, byte[]> catalog,
            MVMap<String, byte[]> states,
            MVMap<Long, byte[]> journal,
            MVMap<Long, byte[]> pieces) {
        this.store = store;
        this.format = format;
        pagesInUse = store.registerVersionUsage();
        long version = store.getCurrentVersion();
        this.catalog = catalog.openVersion(version);
        rows = new RowReader(
                format,
                this.catalog,
                states.openVersion(version),
                journal.openVersion(version),
                new Pieces(format, pieces.openVersion(version)));
    }

    /** Keeps the pages; returns false if they may be gone already, because the volume has a newer snapshot. */
    boolean acquire() {
        return users.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            store.deregisterVersionUsage(pagesInUse);
        }
    }

    /** Returns the rows of a document, the state first; adds lost rows to the damage log. */
    List<StoredUpdate> load(String name, DamageLog damage) {
        return rows.load(name, id -> true, damage);
    }

    /** Returns the rows after it has reserved memory for them; see {@link DocumentStore#load(String, LongPredicate)}. */
    List<StoredUpdate> load(String name, LongPredicate reserve, DamageLog damage) {
        byte[] value = catalog.get(name);
        CatalogEntry entry = value == null ? null : format.decodeCatalogEntry(value);
        DocumentStore.requireMemory(entry == null ? 0 : entry.listed(name).bytes(), reserve);
        return load(name, damage);
    }

    /** Returns documents as {@link DocumentStore#list} does; leaves out those with a damaged entry. */
    List<StoredDocument> list(String prefix, String after, int max) {
        List<StoredDocument> found = new ArrayList<>();
        Cursor<String, byte[]> cursor = catalog.cursor(after.compareTo(prefix) < 0 ? prefix : after);
        while (found.size() < max && cursor.hasNext()) {
            String name = cursor.next();
            if (!name.startsWith(prefix)) {
                break;
            }
            CatalogEntry entry = name.equals(after) ? null : format.decodeCatalogEntry(cursor.getValue());
            if (entry != null) {
                found.add(entry.listed(name));
            }
        }
        return found;
    }
}
