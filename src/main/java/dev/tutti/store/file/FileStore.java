package dev.tutti.store.file;

import dev.tutti.document.StoreException;
import dev.tutti.store.queue.QueuedStore;
import dev.tutti.store.queue.StoreClock;
import java.nio.file.Path;
import java.util.List;

/**
 * Keeps documents in a directory, for one process at a time. Safe for any thread.
 *
 * <p>If the file is damaged, the store keeps all sound entries, and reports the losses in the log and in {@link #damage}.
 */
public final class FileStore extends QueuedStore {
    private final FileBackend backend;

    /**
     * Opens the documents of a directory, and creates it if it is missing. Reads every entry once, so that all damage is known from the start.
     *
     * @throws StoreException if another process has the directory open, or it cannot be read and written
     */
    public FileStore(Path directory) {
        this(directory, "", StoreClock.SYSTEM);
    }

    /**
     * Opens the documents of a directory as above.
     *
     * @param scheme the prefix of file names that selects a file system of MVStore
     */
    FileStore(Path directory, String scheme, StoreClock clock) {
        this(new FileBackend(new StoreDirectory(directory, scheme), clock, new DamageLog()), clock);
    }

    private FileStore(FileBackend backend, StoreClock clock) {
        super(backend, clock);
        this.backend = backend;
    }

    @Override
    public String kind() {
        return "file";
    }

    @Override
    public boolean hasLosses() {
        return !damage().isEmpty();
    }

    /** Returns a text for each loss that was found since the store was opened, up to a bound. */
    public List<String> damage() {
        return backend.damage();
    }
}
