package dev.tutti.store;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.MemoryStore;
import dev.tutti.document.StoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Opens stores of documents. Stateless. */
public final class DocumentStores {
    private static final Logger LOG = System.getLogger(DocumentStores.class.getName());

    private DocumentStores() {}

    /**
     * Opens the store that options name, and says to the log which it is.
     *
     * @throws StoreException if it cannot be opened; the message says why
     */
    public static DocumentStore open(StoreOptions options) {
        if (options.isMemory()) {
            LOG.log(
                    Level.WARNING,
                    "documents are kept in memory only, and are gone when the server stops:"
                            + " see the settings data and database");
            return new MemoryStore();
        }
        if (!options.database().isBlank()) {
            throw new StoreException("databases are not supported yet");
        }
        Path directory;
        try {
            directory = Path.of(options.data()).toAbsolutePath();
        } catch (InvalidPathException e) {
            throw new StoreException("data: this is not the name of a directory", e);
        }
        DocumentStore store = new FileStore(directory);
        LOG.log(Level.INFO, "documents are kept in " + directory);
        return store;
    }
}
