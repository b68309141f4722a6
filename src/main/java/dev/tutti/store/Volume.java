package dev.tutti.store;

import dev.tutti.document.StoreException;
import dev.tutti.store.Entry.Head;
import java.util.Map;
import java.util.function.Supplier;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.RandomAccessStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * A file with documents: an MVStore of H2. Any thread may read; one writes.
 *
 * <p>States are large and updates small, and whoever keeps a keystroke should not write the states that are near it again. So updates go to
 * the end of a <b>journal</b>, by their sequence; <b>states</b> are kept by name; and a <b>catalog</b> has the heads of the states, and of
 * deletions, so that listing and checking read no states.
 *
 * <p>MVStore writes each commit as a chunk of pages into free space, and never over a page that is in use; the space of a chunk in which
 * nothing is used any more is taken again, with {@code retentionTime} 0 as soon as that has been so for two commits ({@code
 * versionsToKeep}). Each of those was made durable before the next began, so whatever happens during a commit, the one before is whole. What
 * MVStore does by itself, by the clock, is switched off.
 */
final class Volume implements AutoCloseable {
    private static final int FORMAT = 1;
    private static final int CACHE_MIB = 16;
    /** For how many commits pages stay that are not in use any more; those commits are durable. */
    private static final int VERSIONS_KEPT = 2;

    /** It is not worth the while to move things together when so much of the file is in use. */
    private static final int ENOUGH_PERCENT = 95;

    private static final int PAGE_BYTES = 4 * 1024;

    private final MVStore store;
    private final MVMap<String, String> about;
    private final MVMap<Long, byte[]> journal;
    private final MVMap<String, byte[]> states;
    private final MVMap<String, byte[]> catalog;
    private final EntryFormat format;
    private final boolean isNew;

    /**
     * Opens a file, or makes an empty one.
     *
     * @param fileName as MVStore has it
     * @param newMark marks the entries of a new file
     * @throws org.h2.mvstore.MVStoreException if it cannot be read
     * @throws StoreException if it is of a later version
     */
    Volume(String fileName, long newMark) {
        store = new MVStore.Builder()
                .fileName(fileName)
                .autoCommitDisabled()
                .autoCommitBufferSize(0)
                .cacheSize(CACHE_MIB)
                .pageSplitSize(PAGE_BYTES)
                .open();
        try {
            store.setRetentionTime(0);
            store.setVersionsToKeep(VERSIONS_KEPT);
            about = open("about", StringDataType.INSTANCE, StringDataType.INSTANCE);
            journal = open("journal", LongDataType.INSTANCE, ByteArrayDataType.INSTANCE);
            states = open("states", StringDataType.INSTANCE, ByteArrayDataType.INSTANCE);
            catalog = open("catalog", StringDataType.INSTANCE, ByteArrayDataType.INSTANCE);
            isNew = about.isEmpty();
            if (isNew) {
                about.put("format", Integer.toString(FORMAT));
                about.put("mark", Long.toHexString(newMark));
            } else if (!Integer.toString(FORMAT).equals(about.get("format"))) {
                throw new StoreException("the documents were stored by a later version of Tutti");
            }
            format = new EntryFormat(Long.parseUnsignedLong(String.valueOf(about.get("mark")), 16));
        } catch (RuntimeException | Error e) {
            store.closeImmediately();
            throw e;
        }
    }

    private <K, V> MVMap<K, V> open(
            String name, org.h2.mvstore.type.DataType<K> keys, org.h2.mvstore.type.DataType<V> values) {
        return store.openMap(name, new MVMap.Builder<K, V>().keyType(keys).valueType(values));
    }

    /** Returns whether there was nothing in the file when this was opened. */
    boolean isNew() {
        return isNew;
    }

    EntryFormat format() {
        return format;
    }

    /** Returns a sequence that all entries that were ever made come up to, of those that are no longer there. */
    long floor() {
        String floor = about.get("sequence");
        return floor == null ? 0 : Long.parseLong(floor);
    }

    void setFloor(long sequence) {
        about.put("sequence", Long.toString(sequence));
    }

    /** Reads; what it reads stays where it is until it has. */
    <T> T read(Supplier<T> reader) {
        MVStore.TxCounter use = store.registerVersionUsage();
        try {
            return reader.get();
        } finally {
            store.deregisterVersionUsage(use);
        }
    }

    Map<Long, byte[]> journal() {
        return journal;
    }

    Map<String, byte[]> states() {
        return states;
    }

    Map<String, byte[]> catalog() {
        return catalog;
    }

    /** Returns the names in the catalog from one on, in their order, with their values. */
    org.h2.mvstore.Cursor<String, byte[]> catalogFrom(String name) {
        return catalog.cursor(name);
    }

    /** Returns the head of a document's state, or of its deletion, or null if it has neither. */
    @Nullable
    Head base(String name) {
        byte[] value = catalog.get(name);
        return value == null ? null : format.decodeHead(value);
    }

    void put(Entry entry) {
        Head head = entry.head();
        if (head.kind() == Entry.Kind.UPDATE) {
            journal.put(head.sequence(), format.encode(entry));
            return;
        }
        catalog.put(head.name(), format.encode(head));
        if (head.kind() == Entry.Kind.STATE) {
            states.put(head.name(), format.encode(entry));
        } else {
            states.remove(head.name());
        }
    }

    /** Removes an update that a state has made obsolete. */
    void removeUpdate(long sequence) {
        journal.remove(sequence);
    }

    /** Writes all changes, and returns when they are on the disk. */
    void commit() {
        if (store.commit() >= 0) {
            store.sync();
        }
    }

    long fileBytes() {
        return store.getFileStore().size();
    }

    /** Returns how much of the file is in use, in per cent. */
    int usedPercent() {
        return store.getFileStore().getChunksFillRate() * store.getFileStore().getFillRate() / 100;
    }

    /**
     * Moves some of what is in use together, about so many bytes of it, and gives back space at the end of the file. Each step is durable
     * before the space of what it moved is written over.
     */
    void compact(int bytes) {
        about.put("compacted", Long.toString(store.getCurrentVersion())); // each commit frees what an earlier one left
        commit();
        if (store.compact(ENOUGH_PERCENT, bytes)) {
            commit();
        }
        ((RandomAccessStore) store.getFileStore()).compactMoveChunks(ENOUGH_PERCENT, bytes, store);
        commit();
    }

    /** Lets go of the file without writing anything more. */
    void abandon() {
        store.closeImmediately();
    }

    @Override
    public void close() {
        store.close();
    }
}
