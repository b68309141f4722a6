package dev.tutti.store.postgres;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoreException;
import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.queue.Backend;
import dev.tutti.store.queue.Change;
import dev.tutti.store.queue.StoreClock;
import dev.tutti.store.queue.WriteBackoff;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps documents in a database. Writes by one connection, which also holds the lock that keeps servers out that are in no cluster with this one; when
 * that connection is lost, opens another, which takes the lock again. Another server may have written meanwhile, and writes are correct even without the lock
 * ({@link EntryTable}). Reads are safe for any thread, all else is confined to the writer's thread.
 */
final class PostgresBackend implements Backend {
    private static final Logger LOG = System.getLogger(PostgresStore.class.getName());

    /** Time between two attempts to connect. */
    private static final long RETRY_NANOS = 500_000_000L;

    /** Time between two checks of an idle connection. */
    private static final long CHECK_MILLIS = 10_000;

    /** Work in a transaction. */
    private interface Work {
        void on(Connection connection) throws SQLException;
    }

    /**
     * Options of a backend.
     *
     * @param schema the tables
     * @param clock the time of changes and of retries
     * @param isShared whether the servers of a cluster use the database
     */
    record Options(Schema schema, StoreClock clock, boolean isShared) {
        static final Options DEFAULT = new Options(Schema.CURRENT, StoreClock.SYSTEM, false);

        /** As above, for a server of a cluster. */
        static final Options SHARED = new Options(Schema.CURRENT, StoreClock.SYSTEM, true);

        /** As above, for the histories of rooms. */
        static final Options HISTORIES = new Options(Schema.HISTORIES, StoreClock.SYSTEM, false);
    }

    private final Connections connections;
    private final WriterConnections writerConnections;
    private final EntryTable table;
    private final EntryQueries queries;
    private final WriteBackoff backoff;

    /** Null while a transaction runs, and after a failure. */
    private @Nullable Connection connection;

    private volatile Runnable whenRowsMayBeMissed = () -> {};

    /** Connects. */
    PostgresBackend(Connections connections, Options options) {
        this.connections = connections;
        writerConnections = new WriterConnections(connections, options.schema, options.isShared);
        table = new EntryTable(options.schema, options.clock.millis());
        queries = new EntryQueries(options.schema);
        backoff = new WriteBackoff(LOG, options.clock.nanos(), RETRY_NANOS, RETRY_NANOS);
        try {
            connection = writerConnections.open();
        } catch (SQLException e) {
            throw new StoreException("the database cannot be used: " + reason(e), e);
        }
    }

    /** Returns a text for a failure from the class of its standard code: the driver's message may contain addresses. */
    private static String reason(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        if (state.startsWith("08") || state.startsWith("57P")) {
            return "it cannot be reached";
        }
        return state.startsWith("28") ? "it refuses the user or the password" : "error " + state;
    }

    @Override
    public List<StoredUpdate> load(String name) {
        return read(reader -> queries.rows(reader, name));
    }

    @Override
    public List<StoredUpdate> load(String name, LongPredicate reserve) {
        return read(reader -> {
            DocumentStore.requireMemory(queries.bytes(reader, name), reserve);
            return queries.rows(reader, name);
        });
    }

    @Override
    public List<StoredDocument> list(String prefix, String after, int max) {
        return read(reader -> queries.list(reader, prefix, after, max));
    }

    private <T> T read(Connections.Use<T> use) {
        try {
            return connections.use(use);
        } catch (SQLException e) {
            throw new StoreException("the database cannot be read: " + reason(e), e);
        }
    }

    @Override
    public void whenRowsMayBeMissed(Runnable action) {
        whenRowsMayBeMissed = action;
    }

    @Override
    public void commit(List<Change> changes) {
        transact(writer -> table.write(writer, changes));
        backoff.succeeded();
    }

    /** Runs work in a transaction of its own. Discards the connection after any failure. */
    private void transact(Work work) {
        try {
            Connection writer = connected();
            connection = null;
            try {
                work.on(writer);
                writer.commit();
                connection = writer;
            } finally {
                if (connection == null) {
                    WriterConnections.discard(writer);
                }
            }
        } catch (SQLException e) { // without the cause, whose message may contain document content
            throw backoff.failed(new StoreException("the database cannot be written: " + reason(e)));
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException e) {
            StoreException reported = new StoreException(
                    "the database cannot be written: " + e.getClass().getName());
            reported.setStackTrace(e.getStackTrace());
            throw backoff.failed(reported);
        }
    }

    private Connection connected() throws SQLException {
        Connection writer = connection;
        if (writer != null) {
            return writer;
        }
        backoff.requireElapsed();
        try {
            writer = writerConnections.open();
        } catch (StoreException e) {
            throw backoff.failed(e);
        }
        connection = writer;
        whenRowsMayBeMissed.run();
        return writer;
    }

    /** Checks the connection, so that a lost lock is taken again before a change needs it. */
    @Override
    public long maintain() {
        transact(writer -> {
            try (Statement statement = writer.createStatement()) {
                statement.execute("SELECT 1");
            }
        });
        return CHECK_MILLIS;
    }

    @Override
    public void close() {
        WriterConnections.discard(connection);
        connection = null;
        try {
            connections.close();
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "a connection to the database had ended already", e);
        }
    }
}
