package dev.tutti.history;

import dev.tutti.document.DocumentStore;
import dev.tutti.store.postgres.PostgresServer;
import dev.tutti.store.postgres.PostgresStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresRoomLogIT extends StoredRoomLogContract {
    @TempDir
    static Path directory;

    private static PostgresServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new PostgresServer(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @BeforeEach
    @Override
    void openLogs() throws Exception {
        try (Connection connection = DriverManager.getConnection(server.url());
                Statement sql = connection.createStatement()) {
            sql.execute("DROP TABLE IF EXISTS tutti_room_schema, tutti_room_entry");
        }
        super.openLogs();
    }

    @Override
    DocumentStore openStore() {
        return PostgresStore.ofHistories(server.url(), "", "");
    }

    /** Both stores of a server hold a lock in one database. */
    @Test
    void documentsAreInTheSameDatabase() {
        new PostgresStore(server.url(), "", "").close();
    }
}
