package dev.tutti.store.postgres;

import dev.tutti.document.StoreException;
import dev.tutti.store.queue.QueuedStore;
import javax.sql.DataSource;

/**
 * Keeps documents in a PostgreSQL database, for one server at a time or for the servers of a cluster. Safe for any thread.
 *
 * <p>While the database is unreachable, all calls fail; they succeed again when it is back. The lock that keeps other servers out belongs to
 * a session of the database, so a pool between server and database must not share sessions, as PgBouncer's transaction mode does.
 */
public final class PostgresStore extends QueuedStore {
    /**
     * Opens the documents of a database, and creates missing tables.
     *
     * @param pool has a pool of its own
     * @throws StoreException if another server has the database open, it is unreachable, or a later version of Tutti has written it
     */
    public PostgresStore(DataSource pool) {
        this(Connections.of(pool), PostgresBackend.Options.DEFAULT);
    }

    /**
     * Opens the documents of a database with connections of its own.
     *
     * @param url in the driver's form: {@code jdbc:postgresql://host/database?parameter=value}
     * @param user the database's user; empty to take it from the URL
     * @param password the user's password; empty to take it from the URL, or for none
     * @throws StoreException as above
     * @throws IllegalArgumentException if the URL is none of PostgreSQL
     */
    public PostgresStore(String url, String user, String password) {
        this(Connections.to(url, user, password, READERS), PostgresBackend.Options.DEFAULT);
    }

    /** Opens the documents of a database that the servers of a cluster share; else as {@link #PostgresStore(DataSource)}. */
    public static PostgresStore shared(DataSource pool) {
        return new PostgresStore(Connections.of(pool), PostgresBackend.Options.SHARED);
    }

    /** Opens the documents of a database that the servers of a cluster share; else as {@link #PostgresStore(String, String, String)}. */
    public static PostgresStore shared(String url, String user, String password) {
        return new PostgresStore(Connections.to(url, user, password, READERS), PostgresBackend.Options.SHARED);
    }

    /** Opens the histories of rooms in a database, in tables of their own; else as {@link #PostgresStore(DataSource)}. */
    public static PostgresStore ofHistories(DataSource pool) {
        return new PostgresStore(Connections.of(pool), PostgresBackend.Options.HISTORIES);
    }

    /** Opens the histories of rooms in a database; else as {@link #PostgresStore(String, String, String)}. */
    public static PostgresStore ofHistories(String url, String user, String password) {
        return new PostgresStore(Connections.to(url, user, password, READERS), PostgresBackend.Options.HISTORIES);
    }

    PostgresStore(Connections connections, PostgresBackend.Options options) {
        super(new PostgresBackend(connections, options), options.clock());
    }

    @Override
    public String kind() {
        return "postgresql";
    }
}
