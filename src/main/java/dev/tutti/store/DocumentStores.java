package dev.tutti.store;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.MemoryStore;
import dev.tutti.document.StoreException;
import dev.tutti.store.file.FileStore;
import dev.tutti.store.postgres.PostgresStore;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Objects;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Opens stores of documents. Stateless. */
public final class DocumentStores {
    private static final Logger LOG = System.getLogger(DocumentStores.class.getName());

    /** The use of a store. */
    private enum Use {
        /** The documents of one server. */
        ALONE,
        /** The documents of a cluster. */
        SHARED,
        HISTORIES
    }

    private DocumentStores() {}

    /** The directory of the histories of rooms, in the directory of documents. */
    static final String HISTORIES = "rooms";

    /**
     * Opens the store that options name, for this server alone.
     *
     * @throws StoreException if it cannot be opened; the message is for people
     */
    public static DocumentStore open(StoreOptions options) {
        return open(options, Use.ALONE);
    }

    /** As above, for a server of a cluster: all of them use the database. A directory and memory are of one server all the same. */
    public static DocumentStore openShared(StoreOptions options) {
        return open(options, Use.SHARED);
    }

    private static DocumentStore open(StoreOptions options, Use use) {
        if (!options.backups().isBlank()) {
            StoreLibrary.FILES.requireFor("backups");
        }
        if (options.isMemory()) {
            return new MemoryStore();
        }
        if (!options.database().isBlank()) {
            return openDatabase(options, use);
        }
        return openDirectory(directory(options));
    }

    /**
     * Opens the store of the histories of rooms: beside the documents, with a writer of its own, so that neither waits for the other.
     *
     * @return null if they are in memory
     * @throws StoreException as above, or if the documents are in memory
     */
    public static @Nullable DocumentStore openHistories(StoreOptions options) {
        if (!options.storesHistories()) {
            return null;
        }
        if (options.isMemory()) {
            throw new StoreException("history-store: durable histories need a directory (data) or a database");
        }
        return options.database().isBlank()
                ? openDirectory(directory(options).resolve(HISTORIES))
                : openDatabase(options, Use.HISTORIES);
    }

    /**
     * Removes this application's database drivers from {@link DriverManager}, so that a container can unload the application.
     */
    public static void deregisterDrivers() {
        ClassLoader own = DocumentStores.class.getClassLoader();
        for (Driver driver : DriverManager.drivers().toList()) {
            if (Objects.equals(driver.getClass().getClassLoader(), own)) {
                try {
                    DriverManager.deregisterDriver(driver);
                } catch (SQLException e) {
                    LOG.log(Level.WARNING, "a database driver cannot be deregistered: memory may leak", e);
                }
            }
        }
    }

    private static Path directory(StoreOptions options) {
        try {
            return Path.of(options.data()).toAbsolutePath();
        } catch (InvalidPathException e) {
            throw new StoreException("data: not the name of a directory", e);
        }
    }

    private static DocumentStore openDirectory(Path directory) {
        StoreLibrary.FILES.requireFor("data");
        DocumentStore store = new FileStore(directory);
        LOG.log(Level.DEBUG, "a store is in " + directory);
        return store;
    }

    private static DocumentStore openDatabase(StoreOptions options, Use use) {
        String database = options.database();
        String user = options.databaseUser();
        String password = options.databasePassword();
        DocumentStore store;
        if (database.startsWith("jdbc:")) {
            StoreLibrary.POSTGRESQL.requireFor("database");
            try {
                store = switch (use) {
                    case ALONE -> new PostgresStore(database, user, password);
                    case SHARED -> PostgresStore.shared(database, user, password);
                    case HISTORIES -> PostgresStore.ofHistories(database, user, password);
                };
            } catch (IllegalArgumentException e) {
                // without the cause, because the URL may contain a password
                throw new StoreException("database: not the URL of a PostgreSQL database");
            }
        } else {
            DataSource pool = lookUp(database);
            store = switch (use) {
                case ALONE -> new PostgresStore(pool);
                case SHARED -> PostgresStore.shared(pool);
                case HISTORIES -> PostgresStore.ofHistories(pool);
            };
        }
        LOG.log(Level.DEBUG, "documents are stored in a database");
        return store;
    }

    /** Finds a data source of the container. Refuses names outside {@code java:}, which may lead to another machine. */
    @SuppressWarnings("BanJNDI")
    private static DataSource lookUp(String name) {
        if (name.startsWith("java:")) {
            try {
                if (new InitialContext().lookup(name) instanceof DataSource found) {
                    return found;
                }
            } catch (NamingException e) {
                throw new StoreException("database: no data source has this name", e);
            }
        }
        throw new StoreException(
                "database: must be a URL that begins with jdbc:postgresql: or the name of a data source that begins with java:");
    }
}
