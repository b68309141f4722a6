package dev.tutti.store.postgres;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A database whose connections can be cut, and whose driver can be made to fail. Safe for any thread. */
final class FaultyDatabase {
    private final PGSimpleDataSource database = new PGSimpleDataSource();
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private volatile boolean isDown;
    private volatile Consumer<String> onPrepare = sql -> {};

    FaultyDatabase(String url) {
        database.setURL(url);
    }

    Connections connections() {
        return Connections.of((DataSource) Proxy.newProxyInstance(
                FaultyDatabase.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> connect()));
    }

    private Connection connect() throws SQLException {
        if (isDown) {
            throw new SQLException("down", "08001");
        }
        Connection made = database.getConnection();
        open.add(made);
        if (isDown) {
            made.abort(Runnable::run);
        }
        return (Connection) Proxy.newProxyInstance(
                FaultyDatabase.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "prepareStatement" -> onPrepare.accept((String) arguments[0]);
                        case "close", "abort" -> open.remove(made);
                        default -> {}
                    }
                    try {
                        return method.invoke(made, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Sets an action that runs with each prepared statement; it may throw. */
    void onPrepare(Consumer<String> action) {
        onPrepare = action;
    }

    /** Throws any throwable as if it were unchecked. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    static <T extends Throwable> T unchecked(Throwable any) throws T {
        throw (T) any;
    }

    /** Aborts all connections, and refuses others until {@link #comeBack}. */
    void goDown() throws SQLException {
        isDown = true;
        for (Connection connection : open) {
            connection.abort(Runnable::run);
        }
        open.clear(); // a later connection is aborted where it is opened
    }

    void comeBack() {
        isDown = false;
    }
}
