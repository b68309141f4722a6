package dev.tutti.store.postgres;

import dev.tutti.document.DocumentMove;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.queue.Change;
import dev.tutti.store.queue.Change.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Writes changes to the table of rows, within a transaction of the caller. Correct even if several servers write: an append conflicts with
 * nothing, and a deletion or a state waits for those of other servers, by a lock that the end of the transaction releases. Confined to the
 * writer's thread.
 */
final class EntryTable {
    /** Number of locks that all documents share, so that a large group cannot fill the database's table of locks. */
    private static final int LOCKS = 64;

    private final Schema schema;
    private final LongSupplier clockMillis;

    EntryTable(Schema schema, LongSupplier clockMillis) {
        this.schema = schema;
        this.clockMillis = clockMillis;
    }

    /** Writes changes in batches, each with at most one change of a document; a move is a batch of its own. */
    void write(Connection connection, List<Change> changes) throws SQLException {
        lock(connection, changes);
        List<Change> batch = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Change change : changes) {
            if (change.kind() == Kind.MOVE || !names.add(change.name())) {
                writeBatch(connection, batch);
                batch.clear();
                names.clear();
                names.add(change.name());
            }
            if (change.kind() == Kind.MOVE) {
                change.setMoved(move(connection, change.move()));
            } else {
                batch.add(change);
            }
        }
        writeBatch(connection, batch);
    }

    /** Locks the documents that lose rows, in the same order on every server, so that no two servers deadlock. */
    private void lock(Connection connection, List<Change> changes) throws SQLException {
        Integer[] locks = changes.stream()
                .filter(change -> change.kind() != Kind.APPEND)
                .flatMap(change -> change.names().stream())
                .map(name -> Math.floorMod(name.hashCode(), LOCKS))
                .distinct()
                .sorted()
                .toArray(Integer[]::new);
        if (locks.length == 0) {
            return;
        }
        try (PreparedStatement lock = connection.prepareStatement("SELECT pg_advisory_xact_lock(hashtext('"
                + schema.prefix() + " ' || current_schema()), number) FROM unnest(?) number")) {
            lock.setArray(1, connection.createArrayOf("int", locks));
            lock.execute();
        }
    }

    private void writeBatch(Connection connection, List<Change> batch) throws SQLException {
        delete(connection, of(Kind.DELETE, batch));
        List<Change> states = of(Kind.REPLACE, batch);
        replace(connection, states);
        findOthers(connection, states);
        insert(
                connection,
                batch.stream()
                        .filter(change -> change.kind() == Kind.APPEND
                                || (change.kind() == Kind.REPLACE && change.isCurrent(change.existed())))
                        .toList());
    }

    private DocumentMove.Result move(Connection connection, DocumentMove move) throws SQLException {
        if (!exists(connection, move.from())) {
            return DocumentMove.Result.UNKNOWN;
        }
        if (exists(connection, move.to())) {
            return DocumentMove.Result.TAKEN;
        }
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE " + schema.entries() + " SET name = ? WHERE name = ?")) {
            update.setString(1, move.to());
            update.setString(2, move.from());
            update.executeUpdate();
        }
        delete(connection, List.of(Change.delete(move.note())));
        if (move.content().length > 0) {
            insert(connection, List.of(Change.append(move.note(), move.content())));
        }
        return DocumentMove.Result.MOVED;
    }

    private boolean exists(Connection connection, String name) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT 1 FROM " + schema.entries() + " WHERE name = ? LIMIT 1")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private static List<Change> of(Kind kind, List<Change> batch) {
        return batch.stream().filter(change -> change.kind() == kind).toList();
    }

    private void delete(Connection connection, List<Change> deletions) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM " + schema.entries() + " WHERE name = ?")) {
            for (Change deletion : deletions) {
                delete.setString(1, deletion.name());
                deletion.setExisted(delete.executeUpdate() > 0);
            }
        }
    }

    /** Removes the rows that states cover. */
    private void replace(Connection connection, List<Change> states) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM " + schema.entries() + " WHERE name = ? AND sequence = ANY (?)")) {
            for (Change state : states) {
                delete.setString(1, state.name());
                delete.setArray(
                        2, connection.createArrayOf("bigint", state.covered().toArray()));
                delete.addBatch();
            }
            int[] counts = delete.executeBatch();
            for (int i = 0; i < counts.length; i++) {
                states.get(i).setExisted(counts[i] > 0);
            }
        }
    }

    /** Reads the rows that states do not cover, before the states are inserted. */
    private void findOthers(Connection connection, List<Change> states) throws SQLException {
        if (states.isEmpty()) {
            return;
        }
        Map<String, List<StoredUpdate>> others = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT name, sequence, content FROM " + schema.entries() + " WHERE name = ANY (?)")) {
            select.setArray(
                    1,
                    connection.createArrayOf(
                            "text", states.stream().map(state -> state.name()).toArray()));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    others.computeIfAbsent(row.getString(1), name -> new ArrayList<>())
                            .add(new StoredUpdate(row.getLong(2), row.getBytes(3)));
                }
            }
        }
        for (Change state : states) {
            state.setOthers(others.getOrDefault(state.name(), List.of()));
        }
    }

    private void insert(Connection connection, List<Change> written) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO " + schema.entries() + " (name, content, changed_millis) VALUES (?, ?, ?)",
                new String[] {"sequence"})) {
            for (Change change : written) {
                insert.setString(1, change.name());
                insert.setBytes(2, change.content());
                insert.setLong(3, clockMillis.getAsLong());
                insert.addBatch();
            }
            insert.executeBatch();
            try (ResultSet key = insert.getGeneratedKeys()) {
                for (Change change : written) {
                    if (!key.next()) {
                        throw new SQLException("the database returned no sequence for a row");
                    }
                    change.setId(key.getLong(1));
                }
            }
        }
    }
}
