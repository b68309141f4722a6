package dev.tutti.store.postgres;

import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Reads the table of rows. Immutable. */
record EntryQueries(Schema schema) {
    /** Sorts after the rest of every name. */
    private static final String LAST = Character.toString(Character.MAX_CODE_POINT);

    /** Returns the bytes of all rows of a document. */
    long bytes(Connection connection, String name) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT coalesce(sum(octet_length(content)), 0) FROM " + schema.entries() + " WHERE name = ?")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    /** Returns the rows of a document, the oldest first. */
    List<StoredUpdate> rows(Connection connection, String name) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT sequence, content FROM " + schema.entries() + " WHERE name = ? ORDER BY sequence")) {
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

    /** Returns documents as {@link dev.tutti.document.DocumentStore#list} does. */
    List<StoredDocument> list(Connection connection, String prefix, String after, int max) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT name, sum(octet_length(content)), max(changed_millis) FROM %s
                WHERE name >= ? AND name > ? AND name < ? AND starts_with(name, ?)
                GROUP BY name ORDER BY name LIMIT ?""".formatted(schema.entries()))) {
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
    }
}
