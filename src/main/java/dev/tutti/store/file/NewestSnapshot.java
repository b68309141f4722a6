package dev.tutti.store.file;

import dev.tutti.document.StoreException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The snapshot that the last commit of a volume left. The writer publishes them, and any thread reads them. */
final class NewestSnapshot {
    /** Null until the first commit, and once this is closed. */
    private volatile @Nullable Snapshot snapshot;

    /** Reads the snapshot, on any thread. */
    <T> T read(Function<Snapshot, T> reader) {
        Snapshot newest = require();
        while (!newest.acquire()) {
            newest = require(); // a commit came between
        }
        try {
            return reader.apply(newest);
        } finally {
            newest.release();
        }
    }

    private Snapshot require() {
        Snapshot newest = snapshot;
        if (newest == null) {
            throw new StoreException("the documents cannot be read at the moment");
        }
        return newest;
    }

    boolean isPublished() {
        return snapshot != null;
    }

    /** Replaces the snapshot, or closes this with null; the pages of the old ones may go once no reader uses them. */
    void publish(@Nullable Snapshot newer) {
        Snapshot before = snapshot;
        snapshot = newer;
        if (before != null) {
            before.release();
        }
    }
}
