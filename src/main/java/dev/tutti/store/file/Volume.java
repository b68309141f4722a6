package dev.tutti.store.file;

import dev.tutti.document.StoreException;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.file.Entry.Head;
import dev.tutti.store.file.Entry.Kind;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.SFChunk;
import org.h2.mvstore.SingleFileStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.DataType;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * A file with documents: an MVStore of H2. One thread writes; any thread may {@link #read} what the last commit left.
 *
 * <p>States are large and updates small, and a keystroke should not write the states near it again. So updates go to the end of a
 * <b>journal</b>, by their sequence; <b>states</b> are kept by name; the <b>catalog</b> has an entry for each document, which leads to its
 * state and its newest update, so that nothing of a document has to be in memory, and listing reads no contents. <b>Deletions</b> keep a
 * salvage from finding again what was deleted, until the {@link #horizon} has passed them.
 *
 * <p>MVStore writes each commit as a chunk of pages into free space, and never over a page that is in use; the space of a chunk in which
 * nothing is used any more is taken again, with {@code retentionTime} 0 as soon as that has been so for two commits ({@code
 * versionsToKeep}). Each of those was made durable before the next began, so whatever happens during a commit, the one before is whole.
 * MVStore's own background work is switched off.
 */
final class Volume implements AutoCloseable {
    private static final Logger LOG = System.getLogger(FileStore.class.getName());

    private static final String FORMAT = "3";
    /** The format without pieces, which this can go on with. */
    private static final String WHOLE_FORMAT = "2";
    /** The format without deletions, whose catalog knew no updates. */
    private static final String OLD_FORMAT = "1";

    private static final int CACHE_MIB = 16;
    /** For how many commits pages stay that are not in use any more; those commits are durable. */
    private static final int VERSIONS_KEPT = 2;

    /** Compacting gains too little when so much of the file is in use. */
    private static final int ENOUGH_PERCENT = 95;

    /** About so much of large contents is written in one commit. */
    private static final int MAX_STAGED_BYTES = 4 << 20;

    /** About so much is written for each document in a commit, beside the contents. */
    static final int PAGE_BYTES = 4 * 1024;

    private static final int COPY_BYTES = 1 << 20;

    private final SingleFileStore file;
    private final MVStore store;
    private final MVMap<String, String> about;
    private final MVMap<Long, byte[]> journal;
    private final MVMap<String, byte[]> states;
    private final MVMap<String, byte[]> catalog;
    private final MVMap<String, byte[]> deletions;
    private final EntryFormat format;
    private final Pieces pieces;
    private final boolean isNew;
    private final boolean isOld;

    private final Garbage garbage = new Garbage(this);

    /** Of pieces that are not committed. */
    private int stagedBytes;

    private long lastSequence;
    private long notedSequence;

    /** What readers see; null until the first commit, and when this is closed. */
    private volatile @Nullable Contents contents;

    /**
     * Opens a file, or makes an empty one.
     *
     * @param fileName as MVStore has it
     * @param newMark marks the entries of a new file
     * @throws org.h2.mvstore.MVStoreException if it cannot be read
     * @throws StoreException if it is of a later version
     */
    Volume(String fileName, long newMark) {
        file = new SingleFileStore(Map.of("cacheSize", CACHE_MIB, "pageSplitSize", PAGE_BYTES));
        try {
            file.open(fileName, false, null);
            store = new MVStore.Builder()
                    .adoptFileStore(file)
                    .autoCommitDisabled()
                    .autoCommitBufferSize(0)
                    .open();
            store.setRetentionTime(0);
            store.setVersionsToKeep(VERSIONS_KEPT);
            about = open("about", StringDataType.INSTANCE, StringDataType.INSTANCE);
            journal = open("journal", LongDataType.INSTANCE, ByteArrayDataType.INSTANCE);
            states = open("states", StringDataType.INSTANCE, ByteArrayDataType.INSTANCE);
            catalog = open("catalog", StringDataType.INSTANCE, ByteArrayDataType.INSTANCE);
            deletions = open("deletions", StringDataType.INSTANCE, ByteArrayDataType.INSTANCE);
            isNew = about.isEmpty();
            if (isNew) {
                about.put("format", FORMAT);
                about.put("mark", Long.toHexString(newMark));
            }
            about.replace("format", WHOLE_FORMAT, FORMAT);
            isOld = OLD_FORMAT.equals(about.get("format"));
            if (!isOld && !FORMAT.equals(about.get("format"))) {
                throw new StoreException("the documents were stored by a later version of Tutti");
            }
            format = new EntryFormat(Long.parseUnsignedLong(String.valueOf(about.get("mark")), 16));
            pieces = new Pieces(format, open("pieces", LongDataType.INSTANCE, ByteArrayDataType.INSTANCE));
            notedSequence = number("sequence");
            lastSequence = notedSequence;
        } catch (RuntimeException | Error e) {
            closeFile(); // MVStore itself leaves it open, and locked, after an Error
            throw e;
        }
    }

    private <K, V> MVMap<K, V> open(String name, DataType<K> keys, DataType<V> values) {
        return store.openMap(
                name,
                new MVMap.Builder<K, V>()
                        .keyType(new ExactMemoryType<>(keys))
                        .valueType(new ExactMemoryType<>(values)));
    }

    private long number(String key) {
        String number = about.get(key);
        return number == null ? 0 : Long.parseLong(number);
    }

    /** Returns whether there was nothing in the file when this was opened. */
    boolean isNew() {
        return isNew;
    }

    /** Returns whether an earlier version of Tutti wrote this, so that it has to be copied by a {@link VolumeBuilder}. */
    boolean isOld() {
        return isOld;
    }

    EntryFormat format() {
        return format;
    }

    /** Returns the sequence up to which there have been entries, though some may be gone. */
    long lastSequence() {
        return lastSequence;
    }

    /** No entry with a sequence up to this one counts, wherever it is found; 0 at first. */
    long horizon() {
        return number("horizon");
    }

    /** Forgets the deletions up to a sequence; all entries up to it must be gone. */
    void setHorizon(long sequence) {
        for (Map.Entry<String, byte[]> item : deletions.entrySet()) {
            Head deletion = format.decodeHead(item.getValue());
            if (deletion != null && deletion.sequence() <= sequence) {
                deletions.remove(item.getKey());
            }
        }
        about.put("horizon", Long.toString(sequence));
    }

    /** Says up to which sequence there have been entries. */
    void setLastSequence(long sequence) {
        lastSequence = Math.max(lastSequence, sequence);
    }

    /** Reads what the last commit left; for any thread. */
    <T> T read(Function<Contents, T> reader) {
        Contents now = newestContents();
        while (!now.acquire()) {
            now = newestContents(); // a commit came between
        }
        try {
            return reader.apply(now);
        } finally {
            now.release();
        }
    }

    private Contents newestContents() {
        Contents now = contents;
        if (now == null) {
            throw new StoreException("the documents cannot be read at the moment");
        }
        return now;
    }

    MVMap<Long, byte[]> journal() {
        return journal;
    }

    /** Returns the updates of the journal, the newest first. */
    Cursor<Long, byte[]> journalBackwards() {
        return journal.cursor(null, null, true);
    }

    MVMap<String, byte[]> states() {
        return states;
    }

    MVMap<String, byte[]> catalog() {
        return catalog;
    }

    MVMap<String, byte[]> deletions() {
        return deletions;
    }

    Pieces pieces() {
        return pieces;
    }

    Garbage garbage() {
        return garbage;
    }

    /** Returns a document's entry in the catalog as it will be committed, or null if there is no such document. */
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

    /** Returns rows of a document as they will be committed; see {@link Rows#load}. */
    List<StoredUpdate> load(String name, LongPredicate wanted, Damages damages) {
        return new Rows(format, catalog, states, journal, pieces).load(name, wanted, damages);
    }

    /**
     * Prepares an entry. Writes its content ahead if that is large: with commits, so that none needs much memory. No reader sees it before
     * {@link #write}. So all entries that are to be committed together have to be staged before the first of them is written.
     *
     * @param sequence greater than all before
     */
    Draft stage(String name, byte[] content, long sequence) {
        if (Pieces.isLarge(content.length)) {
            garbage.staged(sequence);
            setLastSequence(sequence);
            for (int number = 0; number < Pieces.count(content.length); number++) {
                pieces.put(name, sequence, number, content);
                stagedBytes += Pieces.PIECE_BYTES;
                if (stagedBytes >= MAX_STAGED_BYTES) {
                    flush();
                }
            }
        }
        return new Draft(name, content, sequence);
    }

    /**
     * Makes a change, which the next commit will store. Deleting a document that is not there changes nothing.
     *
     * @return whether there was such a document
     */
    boolean write(Kind kind, Draft draft, long millis) {
        String name = draft.name();
        byte[] content = draft.content();
        long sequence = draft.sequence();
        if (Pieces.isLarge(content.length) && !pieces.isComplete(sequence, content.length)) {
            throw new IllegalArgumentException("a large entry is not staged");
        }
        CatalogEntry before = entry(name);
        if (kind == Kind.DELETED && before == null) {
            return false;
        }
        CatalogEntry known = before == null ? CatalogEntry.NONE : before;
        Head head = new Head(
                kind,
                name,
                sequence,
                known.last(),
                millis,
                content.length,
                EntryFormat.crc(content, 0, content.length));
        put(head, content, known);
        if (kind != Kind.UPDATE && known.isGarbageWhenReplaced()) {
            garbage.add(known.last());
        }
        setLastSequence(sequence);
        return before != null;
    }

    private void put(Head head, byte[] content, CatalogEntry known) {
        String name = head.name();
        switch (head.kind()) {
            case UPDATE -> {
                journal.put(head.sequence(), format.encodeEntry(head, content));
                catalog.put(name, format.encode(known.plus(head)));
            }
            case STATE -> {
                states.put(name, format.encodeEntry(head, content));
                catalog.put(name, format.encode(CatalogEntry.of(head)));
                deletions.remove(name);
            }
            case DELETED -> {
                deletions.put(name, format.encode(head));
                catalog.remove(name);
                states.remove(name);
            }
            case PIECE -> throw new IllegalArgumentException("pieces are staged");
        }
    }

    /** Writes all changes, and returns when they are on the disk; then readers see them. */
    void commit() {
        flush();
        garbage.committed();
    }

    private void flush() {
        if (notedSequence != lastSequence) {
            about.put("sequence", Long.toString(lastSequence));
            notedSequence = lastSequence;
        }
        boolean isChanged = store.commit() >= 0;
        if (isChanged) {
            store.sync();
        }
        if (contents == null || isChanged) {
            publish();
        }
        stagedBytes = 0;
    }

    /** Lets readers see what the last commit left; nothing may have changed since. */
    void publish() {
        Contents before = contents;
        contents = new Contents(store, format, catalog, states, journal, pieces.map());
        if (before != null) {
            before.release();
        }
    }

    long fileBytes() {
        return file.size();
    }

    /** Returns how much of the file is in use, in per cent. */
    int usedPercent() {
        return file.getChunksFillRate() * file.getFillRate() / 100;
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
        file.compactMoveChunks(ENOUGH_PERCENT, bytes, store);
        commit();
    }

    /** Copies the file, every byte of it, as the last commit left it. */
    void copyTo(FileChannel target) throws IOException {
        for (long position = 0; position < file.size(); ) {
            ByteBuffer part =
                    file.readFully((SFChunk) null, position, (int) Math.min(COPY_BYTES, file.size() - position));
            position += part.remaining();
            while (part.hasRemaining()) {
                target.write(part, position - part.remaining());
            }
        }
    }

    /** Returns whether the file is closed, as it is after a failure. */
    boolean isClosed() {
        return store.isClosed();
    }

    /** Lets go of the file without writing anything more. */
    void abandon() {
        try {
            store.closeImmediately();
        } finally {
            closeFile();
        }
    }

    private void closeFile() {
        try {
            file.close();
        } catch (RuntimeException e) {
            LOG.log(Level.DEBUG, "the file of documents was closed already", e);
        }
    }

    /** Writes all changes and lets go of the file; nobody may be reading. */
    @Override
    public void close() {
        Contents last = contents;
        contents = null;
        if (last != null) {
            last.release();
        }
        try {
            store.close();
        } finally {
            closeFile();
        }
    }
}
