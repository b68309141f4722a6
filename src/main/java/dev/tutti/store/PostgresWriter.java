package dev.tutti.store;

import dev.tutti.document.StoreException;
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
 * Writes documents to a database, by one connection that also holds the lock which keeps other servers out: what cannot be locked cannot be
 * written. A connection that is lost is made again, and locks again. Confined to the writer's thread.
 */
final class PostgresWriter implements GroupCommit.Target {
    private static final Logger LOG = System.getLogger(PostgresStore.class.getName());

    /** For how long at most a write takes that gets no answer. */
    private static final int ANSWER_MILLIS = 20_000;

    /** How long the database takes to notice that a server has died, when that runs on the same machine, and then some. */
    private static final long LOCK_NANOS = 3_000_000_000L;

    private static final long LOCK_AGAIN_MILLIS = 100;

    /** After a failure all fail for so long, then it is tried again. */
    private static final long RETRY_NANOS = 500_000_000L;

    private static final long ALIVE_MILLIS = 10_000;

    private final Connections connections;
    private final Schema schema;
    private final EntryTable table;

    private @Nullable Connection connection;
    private @Nullable StoreException failure;
    private long failedNanos;

    PostgresWriter(Connections connections, Schema schema, LongSupplier clockMillis) {
        this.connections = connections;
        this.schema = schema;
        table = new EntryTable(clockMillis);
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
                lock(statement);
                if (setting(statement, "synchronous_commit").equals("off")) {
                    statement.execute("SET synchronous_commit = on");
                }
                if (setting(statement, "fsync").equals("off")) {
                    LOG.log(Level.WARNING, "the database runs without fsync, and may lose what it says is stored");
                }
            }
            made.setAutoCommit(false);
            schema.apply(made);
            return made;
        } catch (SQLException | RuntimeException | Error e) {
            discard(made);
            throw e;
        }
    }

    private static void lock(Statement statement) throws SQLException {
        long untilNanos = System.nanoTime() + LOCK_NANOS;
        while (!isTrue(statement, "SELECT pg_try_advisory_lock(hashtextextended('tutti ' || current_schema(), 0))")) {
            if (System.nanoTime() - untilNanos > 0) {
                throw new StoreException("the documents are in use: another server has the same database open");
            }
            try {
                Thread.sleep(LOCK_AGAIN_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreException("interrupted", e);
            }
        }
    }

    private static boolean isTrue(Statement statement, String question) throws SQLException {
        try (ResultSet answer = statement.executeQuery(question)) {
            return answer.next() && answer.getBoolean(1);
        }
    }

    private static String setting(Statement statement, String name) throws SQLException {
        try (ResultSet answer = statement.executeQuery("SHOW " + name)) {
            return answer.next() ? answer.getString(1) : "";
        }
    }

    @Override
    public void commit(List<Change> changes) {
        try {
            Connection now = connected();
            table.write(now, changes);
            now.commit();
        } catch (SQLException e) {
            throw failed(e);
        }
        if (failure != null) {
            LOG.log(Level.INFO, "documents are stored again");
            failure = null;
        }
    }

    private Connection connected() throws SQLException {
        Connection now = connection;
        if (now != null) {
            return now;
        }
        StoreException last = failure;
        if (last != null && System.nanoTime() - failedNanos < RETRY_NANOS) {
            throw new StoreException(String.valueOf(last.getMessage()), last);
        }
        try {
            now = connect();
        } catch (StoreException e) {
            throw noted(e);
        }
        connection = now;
        return now;
    }

    /** Nothing is known of what was being written. */
    private StoreException failed(SQLException cause) {
        discard(connection);
        connection = null;
        return noted(new StoreException(
                "the database cannot be written: " + reason(cause))); // a cause may tell what is written
    }

    private StoreException noted(StoreException reported) {
        if (failure == null) {
            LOG.log(Level.ERROR, "documents are not stored until this is over: " + reported.getMessage(), reported);
        }
        failure = reported;
        failedNanos = System.nanoTime();
        return reported;
    }

    /** Sees whether the connection is still there, so that the lock is taken again before it is needed. */
    @Override
    public long idle() {
        try {
            Connection now = connected();
            try (Statement statement = now.createStatement()) {
                statement.execute("SELECT 1");
            }
            now.commit();
        } catch (SQLException e) {
            throw failed(e);
        }
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
