package dev.tutti.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Connections to a database: from a container's data source, which has a pool, or from a small pool of idle connections here. Safe for any
 * thread.
 */
final class Connections implements AutoCloseable {
    private static final int CONNECT_SECONDS = 5;
    private static final int SOCKET_SECONDS = 30;
    private static final int VALID_SECONDS = 5;

    /** A use of a connection. */
    interface Use<T> {
        T apply(Connection connection) throws SQLException;
    }

    private final DataSource source;
    private final int maxIdle;

    // Guarded by this.
    private final Deque<Connection> idle = new ArrayDeque<>();
    private boolean closed;

    private Connections(DataSource source, int maxIdle) {
        this.source = source;
        this.maxIdle = maxIdle;
    }

    /** Returns connections from a source with a pool. */
    static Connections of(DataSource pool) {
        return new Connections(pool, 0);
    }

    /**
     * Returns connections to a URL.
     *
     * @param maxIdle upper bound of the idle connections that are kept
     */
    static Connections to(String url, String user, String password, int maxIdle) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setConnectTimeout(CONNECT_SECONDS);
        source.setSocketTimeout(SOCKET_SECONDS);
        source.setTcpKeepAlive(true);
        source.setReWriteBatchedInserts(true);
        source.setApplicationName("tutti");
        source.setLogServerErrorDetail(false); // it may contain document content
        source.setURL(url); // last, so that its parameters win
        if (!user.isEmpty()) {
            source.setUser(user);
        }
        if (!password.isEmpty()) {
            source.setPassword(password);
        }
        return new Connections(source, maxIdle);
    }

    /** Returns a new connection, which the caller must close. */
    Connection open() throws SQLException {
        return source.getConnection();
    }

    /** Uses an idle connection, or a new one if none is alive. */
    <T> T use(Use<T> use) throws SQLException {
        Connection kept = take();
        Connection connection = kept != null ? kept : open();
        boolean done = false;
        try {
            T result = use.apply(connection);
            done = true;
            return result;
        } finally {
            giveBack(connection, done);
        }
    }

    private @Nullable Connection take() throws SQLException {
        while (true) {
            Connection connection;
            synchronized (this) {
                connection = idle.poll();
            }
            if (connection == null || connection.isValid(VALID_SECONDS)) {
                return connection;
            }
            connection.close();
        }
    }

    private void giveBack(Connection connection, boolean isSound) throws SQLException {
        synchronized (this) {
            if (isSound && !closed && idle.size() < maxIdle) {
                idle.push(connection);
                return;
            }
        }
        connection.close();
    }

    @Override
    public void close() throws SQLException {
        Connection connection;
        do {
            synchronized (this) {
                closed = true;
                connection = idle.poll();
            }
            if (connection != null) {
                connection.close();
            }
        } while (connection != null);
    }
}
