package dev.tutti.store.postgres;

import dev.tutti.document.StoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables of documents, or of the histories of rooms, in a database. Immutable.
 *
 * <p>A document is a set of rows, each with an update. The database compares names by their code points. For names of documents, {@link
 * String#compareTo} gives the same order ({@link dev.tutti.hub.RoomName}).
 *
 * @param prefix of the names of the tables and of the lock
 * @param steps SQL statements; step n leads from version n to version n + 1
 */
record Schema(String prefix, List<String> steps) {
    /** The current tables. Released steps never change; a new version adds a step. */
    static final Schema CURRENT = current("tutti");

    /** The current tables of the histories of rooms. */
    static final Schema HISTORIES = current("tutti_room");

    private static Schema current(String prefix) {
        return new Schema(prefix, List.of("""
            CREATE TABLE %1$s_entry (
                name text COLLATE "C" NOT NULL,
                sequence bigint GENERATED ALWAYS AS IDENTITY,
                content bytea NOT NULL,
                changed_millis bigint NOT NULL,
                PRIMARY KEY (name, sequence));
            ALTER TABLE %1$s_entry ALTER COLUMN content SET STORAGE EXTERNAL
            """.formatted(prefix)));
    }

    Schema {
        steps = List.copyOf(steps);
    }

    /** The tables of documents. */
    Schema(List<String> steps) {
        this("tutti", steps);
    }

    /** Returns the name of the table of rows. */
    String entries() {
        return prefix + "_entry";
    }

    private String versions() {
        return prefix + "_schema";
    }

    /**
     * Creates the tables or brings them up to date, in one transaction. Servers of a cluster that start at once wait for each other.
     *
     * @throws StoreException if a later version of Tutti has written them
     */
    void apply(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "SELECT pg_advisory_xact_lock(hashtextextended('" + versions() + " ' || current_schema(), 0))");
            statement.execute("CREATE TABLE IF NOT EXISTS " + versions() + " (version int NOT NULL)");
            int version = version(statement);
            if (version > steps.size()) {
                throw new StoreException("the documents were stored by a later version of Tutti");
            }
            for (String step : steps.subList(version, steps.size())) {
                statement.execute(step);
            }
            if (version == 0) {
                statement.execute("INSERT INTO " + versions() + " VALUES (" + steps.size() + ")");
            } else if (version < steps.size()) {
                statement.execute("UPDATE " + versions() + " SET version = " + steps.size());
            }
            connection.commit();
        }
    }

    private int version(Statement statement) throws SQLException {
        try (ResultSet found = statement.executeQuery("SELECT version FROM " + versions())) {
            return found.next() ? found.getInt(1) : 0;
        }
    }
}
