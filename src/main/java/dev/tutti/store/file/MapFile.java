package dev.tutti.store.file;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Map;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.SFChunk;
import org.h2.mvstore.SingleFileStore;
import org.h2.mvstore.type.DataType;

/**
 * A file of sorted maps: an MVStore of H2 whose background work is switched off. Confined to the writer.
 *
 * <p>MVStore writes each commit as a chunk of pages into free space, and never over a page in use. It reuses the space of a chunk without
 * used pages after two commits: {@code retentionTime} is 0, {@code versionsToKeep} 2. Each commit is durable before the next begins, so
 * a crash during a commit leaves the one before whole.
 */
final class MapFile implements AutoCloseable {
    private static final Logger LOG = System.getLogger(FileStore.class.getName());

    private static final int CACHE_MIB = 16;

    /** MVStore keeps unused pages for so many commits; those commits are durable. */
    private static final int VERSIONS_KEPT = 2;

    /** Compacting gains too little when so much of the file is in use. */
    private static final int ENOUGH_PERCENT = 95;

    private static final int COPY_BYTES = 1 << 20;

    /** A file that counts the bytes that are written to it. */
    private static final class CountedFile extends SingleFileStore {
        CountedFile(Map<String, Object> settings) {
            super(settings);
        }

        long takeWrittenBytes() {
            return writeBytes.getAndSet(0);
        }
    }

    private final CountedFile file;
    private final MVStore store;

    /**
     * Opens a file, or creates an empty one.
     *
     * @param fileName in MVStore's form
     * @param pageBytes a page that becomes longer is split
     * @throws org.h2.mvstore.MVStoreException if the file cannot be read
     */
    MapFile(String fileName, int pageBytes) {
        file = new CountedFile(Map.of("cacheSize", CACHE_MIB, "pageSplitSize", pageBytes));
        try {
            file.open(fileName, false, null);
            store = new MVStore.Builder()
                    .adoptFileStore(file)
                    .autoCommitDisabled()
                    .autoCommitBufferSize(0)
                    .open();
            store.setRetentionTime(0);
            store.setVersionsToKeep(VERSIONS_KEPT);
        } catch (RuntimeException | Error e) {
            closeFile(); // MVStore leaves it open, and locked, after an Error
            throw e;
        }
    }

    /** Opens a map, or creates an empty one. */
    <K, V> MVMap<K, V> map(String name, DataType<K> keys, DataType<V> values) {
        return store.openMap(
                name,
                new MVMap.Builder<K, V>()
                        .keyType(new ExactMemoryType<>(keys))
                        .valueType(new ExactMemoryType<>(values)));
    }

    MVStore store() {
        return store;
    }

    /** Writes all changes of the maps, and returns once they are on the disk. Returns false if there were none. */
    boolean commit() {
        boolean isChanged = store.commit() >= 0;
        if (isChanged) {
            store.sync();
        }
        return isChanged;
    }

    long bytes() {
        return file.size();
    }

    /** Returns the bytes that were written since the last call, or since the file was opened. */
    long takeWrittenBytes() {
        return file.takeWrittenBytes();
    }

    /** Returns the used share of the file in per cent. Visits all chunks. */
    int usedPercent() {
        return file.getChunksFillRate() * file.getFillRate() / 100;
    }

    /** Writes used pages of sparse chunks again, about so many bytes. Returns whether there is something to commit. */
    boolean rewriteSparseChunks(int bytes) {
        return store.compact(ENOUGH_PERCENT, bytes);
    }

    /** Moves chunks, about so many bytes, toward the beginning of the file, and truncates the file. */
    void moveChunks(int bytes) {
        file.compactMoveChunks(ENOUGH_PERCENT, bytes, store);
    }

    /** Copies every byte of the file, as the last commit left it. */
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

    /** Closes the file and writes nothing more. */
    void abandon() {
        try {
            store.closeImmediately();
        } finally {
            closeFile();
        }
    }

    /** Writes all changes and closes the file. */
    @Override
    public void close() {
        try {
            store.close();
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
}
