package dev.tutti.store.postgres;

import dev.tutti.document.StoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables of documents in a database: made if they are missing, and brought up to date. Immutable.
 *
 * <p>A document is a set of rows, one for each update that is kept. Names are compared by their code points, which for the names of rooms is
 * what {@link String#compareTo} does.
 */
record Schema(List<String> steps) {
    /** Step n leads to version n + 1. What has been released does not change: what is new is added. */
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
     * Brings the tables up to date, in one transaction; only whoever holds the lock calls this.
     *
     * @throws StoreException if they are of a later version
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
