package dev.tutti.store.postgres;

import dev.tutti.document.StoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Opens and ends the connections by which a server writes: each holds the lock of the database, and commits durably. Servers of a cluster share the
 * lock, and any other server has it alone: so it and a cluster keep each other out. Immutable.
 *
 * @param isShared whether the servers of a cluster use the database
 */
record WriterConnections(Connections connections, Schema schema, boolean isShared) {
    private static final Logger LOG = System.getLogger(PostgresStore.class.getName());

    /** Upper bound of the time that the database takes to answer. */
    private static final int ANSWER_MILLIS = 20_000;

    /** A database on the same machine notices the death of a server, and releases its lock, in less than this. */
    private static final int LOCK_MILLIS = 3_000;

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /**
     * Returns a connection that holds the lock, with tables that are up to date, without automatic commits.
     *
     * @throws StoreException if another server holds the lock, or a later version of Tutti has written the tables
     */
    Connection open() throws SQLException {
        Connection opened = connections.open();
        try {
            opened.setNetworkTimeout(Runnable::run, ANSWER_MILLIS);
            opened.setAutoCommit(true);
            try (Statement statement = opened.createStatement()) {
                lock(statement);
                if (setting(statement, "synchronous_commit").equals("off")) {
                    statement.execute("SET synchronous_commit = on");
                }
                if (setting(statement, "fsync").equals("off")) {
                    LOG.log(Level.WARNING, "the database runs without fsync: a crash may lose confirmed updates");
                }
            }
            opened.setAutoCommit(false);
            schema.apply(opened);
            return opened;
        } catch (SQLException | RuntimeException | Error e) {
            discard(opened);
            throw e;
        }
    }

    private void lock(Statement statement) throws SQLException {
        statement.execute("SET lock_timeout = " + LOCK_MILLIS);
        try {
            statement.execute("SELECT pg_advisory_lock" + (isShared ? "_shared" : "") + "(hashtextextended('"
                    + schema.prefix() + " ' || current_schema(), 0))");
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw new StoreException(
                        isShared
                                ? "the documents are in use: a server outside of this cluster has the same database open"
                                : "the documents are in use: another server has the same database open");
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

    /** Ends a connection and its lock: aborts it first, so that no pool keeps it. */
    static void discard(@Nullable Connection connection) {
        if (connection == null) {
            return;
        }
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "a connection to the database had ended already", e);
        }
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "a connection to the database had ended already", e);
        }
    }
}
