package dev.tutti.store.postgres;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.Replacement;
import dev.tutti.document.StoreException;
import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.file.FileStore;
import dev.tutti.store.queue.Change;
import dev.tutti.store.queue.GroupCommit;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongPredicate;
import javax.sql.DataSource;

/**
 * Keeps documents in a PostgreSQL database, of one server at a time. Safe for any thread.
 *
 * <p>While the database cannot be reached, what is asked fails, and works again when it is back. The lock that keeps other servers out belongs
 * to a session, so a pool between the two must not share sessions (PgBouncer's transaction mode does).
 */
public final class PostgresStore implements DocumentStore {
    private static final Logger LOG = System.getLogger(PostgresStore.class.getName());

    /** Beyond all names that begin as a prefix does. */
    private static final String LAST = Character.toString(Character.MAX_CODE_POINT);

    private final Connections connections;
    private final GroupCommit writer;
    private final ExecutorService readers;
    private volatile Runnable whenRowsMayBeMissed = () -> {};

    /**
     * Opens the documents of a database, and makes the tables if they are missing.
     *
     * @throws StoreException if another server has it open, it cannot be reached, or it is of a later version
     */
    public PostgresStore(DataSource pool) {
        this(Connections.of(pool), PostgresWriter.Options.DEFAULT);
    }

    /**
     * As above, with connections of its own.
     *
     * @param url as the driver has it: {@code jdbc:postgresql://host/database?parameter=value}
     * @param user who logs in; empty if the URL says
     * @param password empty if the URL says, or there is none
     */
    public PostgresStore(String url, String user, String password) {
        this(Connections.to(url, user, password, FileStore.READERS), PostgresWriter.Options.DEFAULT);
    }

    PostgresStore(Connections connections, PostgresWriter.Options options) {
        this.connections = connections;
        writer = new GroupCommit(
                new PostgresWriter(connections, options, () -> whenRowsMayBeMissed.run()), "tutti-store-write");
        readers = FileStore.readers("tutti-store-read-");
    }

    @Override
    public CompletionStage<List<StoredUpdate>> load(String name) {
        return read(connection -> rows(connection, name));
    }

    @Override
    public CompletionStage<List<StoredUpdate>> load(String name, LongPredicate reserve) {
        return read(connection -> {
            DocumentStore.requireMemory(bytes(connection, name), reserve);
            return rows(connection, name);
        });
    }

    private static long bytes(Connection connection, String name) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT coalesce(sum(octet_length(content)), 0) FROM tutti_entry WHERE name = ?")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    private static List<StoredUpdate> rows(Connection connection, String name) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT sequence, content FROM tutti_entry WHERE name = ? ORDER BY sequence")) {
            select.setString(1, name);
            List<StoredUpdate> rows = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    rows.add(new StoredUpdate(row.getLong(1), row.getBytes(2)));
                }
            }
            return rows;
        }
    }

    @Override
    public CompletionStage<Long> append(String name, byte[] update) {
        return writer.add(Change.append(name, update)).thenApply(change -> change.id.orElseThrow());
    }

    @Override
    public CompletionStage<Replacement> replace(String name, byte[] state, Set<Long> covered) {
        return writer.add(Change.replace(name, state, covered)).thenApply(Change::replacement);
    }

    @Override
    public CompletionStage<Boolean> delete(String name) {
        return writer.add(Change.delete(name)).thenApply(change -> change.found);
    }

    @Override
    public CompletionStage<List<StoredDocument>> list(String prefix, String after, int max) {
        return read(connection -> {
            try (PreparedStatement select = connection.prepareStatement("""
                    SELECT name, sum(octet_length(content)), max(changed_millis) FROM tutti_entry
                    WHERE name >= ? AND name > ? AND name < ? AND starts_with(name, ?)
                    GROUP BY name ORDER BY name LIMIT ?""")) {
                select.setString(1, prefix);
                select.setString(2, after);
                select.setString(3, prefix + LAST);
                select.setString(4, prefix);
                select.setInt(5, max);
                List<StoredDocument> documents = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        documents.add(new StoredDocument(row.getString(1), row.getLong(2), row.getLong(3)));
                    }
                }
                return documents;
            }
        });
    }

    @Override
    public void whenRowsMayBeMissed(Runnable action) {
        whenRowsMayBeMissed = action;
    }

    @Override
    public void close() {
        writer.close();
        readers.shutdown();
        try {
            connections.close();
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "a connection had ended", e);
        }
    }

    private <T> CompletableFuture<T> read(Connections.Use<T> use) {
        try {
            return CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return connections.use(use);
                        } catch (SQLException e) {
                            throw new StoreException("the database cannot be read: " + PostgresWriter.reason(e), e);
                        }
                    },
                    readers);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new StoreException("the store is closed", e));
        }
    }
}
