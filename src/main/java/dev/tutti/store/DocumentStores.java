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
     * Opens the store that options name.
     *
     * @throws StoreException if it cannot be opened; the message says why
     */
    public static DocumentStore open(StoreOptions options) {
        if (options.isMemory()) {
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
        LOG.log(Level.DEBUG, "documents are kept in " + directory);
        return store;
    }
}
