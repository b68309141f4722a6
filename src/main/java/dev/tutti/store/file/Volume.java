package dev.tutti.store.file;

import dev.tutti.document.StoreException;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.file.Entry.Header;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * A file with documents. One thread writes; any thread may {@link #read} the last commit.
 *
 * <p>States are large and updates small, and a keystroke should not write the states near it again. So updates go to the end of a
 * <b>journal</b>, by their sequence; <b>states</b> are kept by name; the <b>catalog</b> has an entry for each document, which leads to its
 * state and its newest update, so that no part of a document needs to be in memory, and listing reads no contents. <b>Tombstones</b> keep a
 * salvage from restoring deleted documents, until the {@link #horizon} has passed them.
 */
final class Volume implements AutoCloseable {
    /** A commit writes about so many bytes for each document, beside the contents. */
    static final int PAGE_BYTES = 4 * 1024;

    private final MapFile file;
    private final VolumeInfo info;
    private final MVMap<Long, byte[]> journal;
    private final MVMap<String, byte[]> states;
    private final MVMap<String, byte[]> catalog;
    private final MVMap<String, byte[]> tombstones;
    private final EntryFormat format;
    private final Pieces pieces;

    private final Garbage garbage = new Garbage(this);
    private final EntryWriter entryWriter = new EntryWriter(this);
    private final NewestSnapshot snapshot = new NewestSnapshot();

    private long lastSequence;

    /**
     * Opens a volume, or creates an empty one.
     *
     * @param fileName in MVStore's form
     * @param newMark marks the entries of a new volume
     * @throws org.h2.mvstore.MVStoreException if the file cannot be read
     * @throws StoreException if a later version of Tutti wrote it
     */
    Volume(String fileName, long newMark) {
        file = new MapFile(fileName, PAGE_BYTES);
        try {
            var about = file.map("about", StringDataType.INSTANCE, StringDataType.INSTANCE);
            journal = file.map("journal", LongDataType.INSTANCE, ByteArrayDataType.INSTANCE);
            states = file.map("states", StringDataType.INSTANCE, ByteArrayDataType.INSTANCE);
            catalog = file.map("catalog", StringDataType.INSTANCE, ByteArrayDataType.INSTANCE);
            tombstones = file.map("deletions", StringDataType.INSTANCE, ByteArrayDataType.INSTANCE);
            info = new VolumeInfo(about, newMark);
            format = new EntryFormat(info.mark());
            pieces = new Pieces(format, file.map("pieces", LongDataType.INSTANCE, ByteArrayDataType.INSTANCE));
            lastSequence = info.sequence();
        } catch (RuntimeException | Error e) {
            file.abandon();
            throw e;
        }
    }

    /** Returns whether the file was empty when this was opened. */
    boolean isNew() {
        return info.isNew();
    }

    /** Returns whether an earlier version of Tutti wrote a format that a {@link VolumeBuilder} must copy. */
    boolean hasFormerFormat() {
        return info.hasFormerFormat();
    }

    EntryFormat format() {
        return format;
    }

    /** Returns the greatest sequence of any entry so far, though its entry may be gone. */
    long lastSequence() {
        return lastSequence;
    }

    /** Raises the last sequence. */
    void setLastSequence(long sequence) {
        lastSequence = Math.max(lastSequence, sequence);
    }

    /** Returns the sequence up to which entries are obsolete, wherever a salvage finds them; 0 at first. */
    long horizon() {
        return info.horizon();
    }

    /** Sets the horizon and removes the tombstones up to it; all entries up to it must be gone. */
    void setHorizon(long sequence) {
        for (Map.Entry<String, byte[]> item : tombstones.entrySet()) {
            Header tombstone = format.decodeHeader(item.getValue());
            if (tombstone != null && tombstone.sequence() <= sequence) {
                tombstones.remove(item.getKey());
            }
        }
        info.setHorizon(sequence);
    }

    /** Reads the last commit, on any thread. */
    <T> T read(Function<Snapshot, T> reader) {
        return snapshot.read(reader);
    }

    MVMap<Long, byte[]> journal() {
        return journal;
    }

    MVMap<String, byte[]> states() {
        return states;
    }

    MVMap<String, byte[]> catalog() {
        return catalog;
    }

    MVMap<String, byte[]> tombstones() {
        return tombstones;
    }

    Pieces pieces() {
        return pieces;
    }

    Garbage garbage() {
        return garbage;
    }

    EntryWriter entryWriter() {
        return entryWriter;
    }

    /** Returns the catalog's entry of a document with all uncommitted changes, or null if there is no such document. */
    @Nullable
    CatalogEntry entry(String name) {
        byte[] value = catalog.get(name);
        if (value == null) {
            return null;
        }
        CatalogEntry entry = format.decodeCatalogEntry(value);
        if (entry == null) {
            throw new StoreException("the catalog is damaged at document " + name);
        }
        return entry;
    }

    /** Returns whether some ids are known to be those of all rows of a document; see {@link CatalogEntry#hasNoRowBeside}. */
    boolean hasNoRowBeside(String name, Set<Long> ids) {
        CatalogEntry entry = entry(name);
        return entry != null && entry.hasNoRowBeside(ids);
    }

    /** Returns rows of a document with all uncommitted changes; see {@link RowReader#load}. */
    List<StoredUpdate> load(String name, LongPredicate wanted, DamageLog damage) {
        return new RowReader(format, catalog, states, journal, pieces).load(name, wanted, damage);
    }

    /** Writes all changes, and returns once they are on the disk; then readers see them. */
    void commit() {
        flush();
        garbage.committed();
    }

    /** Commits pieces whose entries will follow: unlike {@link #commit}, leaves them noted as staged. */
    void flush() {
        info.setSequence(lastSequence);
        if (file.commit() || !snapshot.isPublished()) {
            publish();
        }
        entryWriter.flushed();
    }

    /** Shows the last commit to readers; nothing may have changed since. */
    void publish() {
        snapshot.publish(new Snapshot(file.store(), format, catalog, states, journal, pieces.map()));
    }

    long fileBytes() {
        return file.bytes();
    }

    /** See {@link MapFile#takeWrittenBytes}. */
    long takeWrittenBytes() {
        return file.takeWrittenBytes();
    }

    /** Returns the used share of the file in per cent. Takes time in proportion to the file. */
    int usedPercent() {
        return file.usedPercent();
    }

    /**
     * Moves about so many used bytes together, and returns free space at the end of the file to the system. Each step is durable before the
     * next reuses the space of the moved bytes.
     */
    void compact(int bytes) {
        info.noteCompaction(file.store().getCurrentVersion()); // each commit frees pages of an earlier one
        commit();
        if (file.rewriteSparseChunks(bytes)) {
            commit();
        }
        file.moveChunks(bytes);
        commit();
    }

    /** Copies every byte of the file, as the last commit left it. */
    void copyTo(FileChannel target) throws IOException {
        file.copyTo(target);
    }

    /** Returns whether the file is closed, as it is after a failure. */
    boolean isClosed() {
        return file.isClosed();
    }

    /** Closes the file and writes nothing more. */
    void abandon() {
        file.abandon();
    }

    /** Writes all changes and closes the file; no thread may be reading. */
    @Override
    public void close() {
        snapshot.publish(null);
        file.close();
    }
}
