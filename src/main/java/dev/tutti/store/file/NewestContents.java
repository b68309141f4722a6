package dev.tutti.store.file;

import dev.tutti.document.StoreException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The contents that the last commit of a volume left. The writer publishes them, and any thread reads them. */
final class NewestContents {
    /** Null until the first commit, and once this is closed. */
    private volatile @Nullable Contents contents;

    /** Reads the contents, on any thread. */
    <T> T read(Function<Contents, T> reader) {
        Contents newest = require();
        while (!newest.acquire()) {
            newest = require(); // a commit came between
        }
        try {
            return reader.apply(newest);
        } finally {
            newest.release();
        }
    }

    private Contents require() {
        Contents newest = contents;
        if (newest == null) {
            throw new StoreException("the documents cannot be read at the moment");
        }
        return newest;
    }

    boolean isPublished() {
        return contents != null;
    }

    /** Replaces the contents, or closes this with null; the pages of the old ones may go once no reader uses them. */
    void publish(@Nullable Contents newer) {
        Contents before = contents;
        contents = newer;
        if (before != null) {
            before.release();
        }
    }
}
