package dev.tutti.store.postgres;

import dev.tutti.document.StoreException;
import dev.tutti.store.queue.Change;
import dev.tutti.store.queue.GroupCommit;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes documents to a database, by one connection that also holds the lock which keeps other servers out. A connection that is lost is made
 * again, and locks again; meanwhile another server may have written. What is written is right also without the lock ({@link EntryTable}).
 * Confined to the writer's thread.
 */
final class PostgresWriter implements GroupCommit.Target {
    private static final Logger LOG = System.getLogger(PostgresStore.class.getName());

    /** For how long at most a write takes that gets no answer. */
    private static final int ANSWER_MILLIS = 20_000;

    /** How long the database takes to notice that a server has died, when that runs on the same machine, and then some. */
    private static final int LOCK_MILLIS = 3_000;

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** After a failure all fail for so long, then it is tried again. */
    private static final long RETRY_NANOS = 500_000_000L;

    private static final long ALIVE_MILLIS = 10_000;

    /** Work in a transaction. */
    private interface Work {
        void on(Connection connection) throws SQLException;
    }

    /**
     * How a writer works.
     *
     * @param schema the tables
     * @param clockMillis tells milliseconds since 1970
     * @param nanos tells nanoseconds from any origin
     * @param isExclusive whether to keep other servers out
     */
    record Options(Schema schema, LongSupplier clockMillis, LongSupplier nanos, boolean isExclusive) {
        static final Options DEFAULT = new Options(Schema.CURRENT, System::currentTimeMillis, System::nanoTime, true);
    }

    private final Connections connections;
    private final Options options;
    private final Runnable onReconnect;
    private final EntryTable table;

    /** Null if there is none, and while a transaction is under way. */
    private @Nullable Connection connection;

    private @Nullable StoreException failure;
    private long failedNanos;

    /**
     * Connects.
     *
     * @param onReconnect called when a connection was made again, and others may have written meanwhile
     */
    PostgresWriter(Connections connections, Options options, Runnable onReconnect) {
        this.connections = connections;
        this.options = options;
        this.onReconnect = onReconnect;
        table = new EntryTable(options.clockMillis);
        try {
            connection = connect();
        } catch (SQLException e) {
            throw new StoreException("the database cannot be used: " + reason(e), e);
        }
    }

    /** Returns what to say of a failure: its class of the standard, for messages may have addresses. */
    static String reason(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        if (state.startsWith("08") || state.startsWith("57P")) {
            return "it cannot be reached";
        }
        return state.startsWith("28") ? "it does not know this user and password" : "error " + state;
    }

    private Connection connect() throws SQLException {
        Connection made = connections.open();
        try {
            made.setNetworkTimeout(Runnable::run, ANSWER_MILLIS);
            made.setAutoCommit(true);
            try (Statement statement = made.createStatement()) {
                if (options.isExclusive) {
                    lock(statement);
                }
                if (setting(statement, "synchronous_commit").equals("off")) {
                    statement.execute("SET synchronous_commit = on");
                }
                if (setting(statement, "fsync").equals("off")) {
                    LOG.log(Level.WARNING, "the database runs without fsync, and may lose what it says is stored");
                }
            }
            made.setAutoCommit(false);
            options.schema.apply(made);
            return made;
        } catch (SQLException | RuntimeException | Error e) {
            discard(made);
            throw e;
        }
    }

    private static void lock(Statement statement) throws SQLException {
        statement.execute("SET lock_timeout = " + LOCK_MILLIS);
        try {
            statement.execute("SELECT pg_advisory_lock(hashtextextended('tutti ' || current_schema(), 0))");
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw new StoreException("the documents are in use: another server has the same database open");
            }
            throw e;
        }
        statement.execute("RESET lock_timeout");
    }

    private static String setting(Statement statement, String name) throws SQLException {
        try (ResultSet answer = statement.executeQuery("SHOW " + name)) {
            return answer.next() ? answer.getString(1) : "";
        }
    }

    @Override
    public void commit(List<Change> changes) {
        transact(now -> table.write(now, changes));
        if (failure != null) {
            LOG.log(Level.INFO, "documents are stored again");
            failure = null;
        }
    }

    /** Works in a transaction of its own. A connection on which anything has failed is never used again. */
    private void transact(Work work) {
        try {
            Connection now = connected();
            connection = null;
            try {
                work.on(now);
                now.commit();
                connection = now;
            } finally {
                if (connection == null) {
                    discard(now);
                }
            }
        } catch (SQLException e) { // a cause may tell what is written, so it is left out
            throw noted(new StoreException("the database cannot be written: " + reason(e)));
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException e) {
            StoreException reported = new StoreException(
                    "the database cannot be written: " + e.getClass().getName());
            reported.setStackTrace(e.getStackTrace());
            throw noted(reported);
        }
    }

    private Connection connected() throws SQLException {
        Connection now = connection;
        if (now != null) {
            return now;
        }
        StoreException last = failure;
        if (last != null && options.nanos.getAsLong() - failedNanos < RETRY_NANOS) {
            throw new StoreException(String.valueOf(last.getMessage()), last);
        }
        try {
            now = connect();
        } catch (StoreException e) {
            throw noted(e);
        }
        connection = now;
        onReconnect.run();
        return now;
    }

    private StoreException noted(StoreException reported) {
        if (failure == null) {
            LOG.log(Level.ERROR, "documents are not stored until this is over: " + reported.getMessage(), reported);
        }
        failure = reported;
        failedNanos = options.nanos.getAsLong();
        return reported;
    }

    /** Sees whether the connection is still there, so that the lock is taken again before it is needed. */
    @Override
    public long idle() {
        transact(now -> {
            try (Statement statement = now.createStatement()) {
                statement.execute("SELECT 1");
            }
        });
        return ALIVE_MILLIS;
    }

    @Override
    public void end() {
        discard(connection);
        connection = null;
    }

    /** Ends a connection, so that no pool gets it, and with it the lock. */
    private static void discard(@Nullable Connection connection) {
        if (connection == null) {
            return;
        }
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "a connection had ended", e);
        }
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "a connection had ended", e);
        }
    }
}
