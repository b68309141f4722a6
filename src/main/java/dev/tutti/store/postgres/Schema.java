package dev.tutti.store.postgres;

import dev.tutti.document.StoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables of documents in a database. Immutable.
 *
 * <p>A document is a set of rows, each with an update. The database compares names by their code points. For names of documents, {@link
 * String#compareTo} gives the same order.
 *
 * @param steps SQL statements; step n leads from version n to version n + 1
 */
record Schema(List<String> steps) {
    /** The current tables. Released steps never change; a new version adds a step. */
    static final Schema CURRENT = new Schema(List.of("""
            CREATE TABLE tutti_entry (
                name text COLLATE "C" NOT NULL,
                sequence bigint GENERATED ALWAYS AS IDENTITY,
                content bytea NOT NULL,
                changed_millis bigint NOT NULL,
                PRIMARY KEY (name, sequence));
            ALTER TABLE tutti_entry ALTER COLUMN content SET STORAGE EXTERNAL
            """));

    Schema {
        steps = List.copyOf(steps);
    }

    /**
     * Creates the tables or brings them up to date, in one transaction. The caller holds the lock that keeps other servers out.
     *
     * @throws StoreException if a later version of Tutti has written them
     */
    void apply(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS tutti_schema (version int NOT NULL)");
            int version = version(statement);
            if (version > steps.size()) {
                throw new StoreException("the documents were stored by a later version of Tutti");
            }
            for (String step : steps.subList(version, steps.size())) {
                statement.execute(step);
            }
            if (version == 0) {
                statement.execute("INSERT INTO tutti_schema VALUES (" + steps.size() + ")");
            } else if (version < steps.size()) {
                statement.execute("UPDATE tutti_schema SET version = " + steps.size());
            }
            connection.commit();
        }
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet found = statement.executeQuery("SELECT version FROM tutti_schema")) {
            return found.next() ? found.getInt(1) : 0;
        }
    }
}
