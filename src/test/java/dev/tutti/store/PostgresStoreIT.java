package dev.tutti.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresStoreIT extends DocumentStoreContract {
    private static final int WRITERS = 8;

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
    void openIt() throws Exception {
        execute("DROP TABLE IF EXISTS tutti_schema, tutti_entry");
        super.openIt();
    }

    private static void execute(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.url());
                Statement sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    private PostgresStore open(Schema schema) {
        return new PostgresStore(Connections.to(server.url(), "", "", 2), schema, clock::get);
    }

    @Override
    DocumentStore open() {
        return open(Schema.CURRENT);
    }

    @Override
    DocumentStore reopen(DocumentStore open) {
        open.close();
        return open();
    }

    @Test
    void anotherServerIsKeptOut() {
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("another server has the same database open");
        store.close();
        store = open();
        await(store.append("a", bytes("1")));
    }

    @Test
    void anotherServerIsKeptOutAfterTheConnectionWasLost() throws Exception {
        await(store.append("a", bytes("1")));
        execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE application_name = 'tutti' AND pid <> pg_backend_pid()");
        Awaitility.await().until(() -> succeeds("2"));
        assertThatThrownBy(this::open).hasMessageContaining("another server has the same database open");
        assertThat(load("a")).contains("1", "2");
    }

    private boolean succeeds(String update) {
        try {
            await(store.append("a", bytes(update)));
            return true;
        } catch (CompletionException e) {
            assertThat(e).hasCauseInstanceOf(StoreException.class);
            return false;
        }
    }

    @Test
    void theSchemaIsUpgradedAndALaterOneRefused() throws Exception {
        await(store.append("a", bytes("1")));
        store.close();
        List<String> steps = new ArrayList<>(Schema.CURRENT.steps());
        steps.add("ALTER TABLE tutti_entry ADD COLUMN added int");
        Schema later = new Schema(steps);
        open(later).close();
        store = open(later);
        assertThat(load("a")).containsExactly("1");
        store.close();
        assertThatThrownBy(() -> open(Schema.CURRENT))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("later version");
        steps.add("this is no SQL");
        assertThatThrownBy(() -> open(new Schema(steps))).isInstanceOf(StoreException.class);
        store = open(later);
        assertThat(load("a")).containsExactly("1");
    }

    @Test
    void aDatabaseThatIsNotThereIsToldApart() {
        assertThatThrownBy(() -> new PostgresStore("jdbc:postgresql://localhost:1/none", "tutti", "secret"))
                .isInstanceOf(StoreException.class)
                .hasMessage("the database cannot be used: it cannot be reached");
        assertThatThrownBy(() -> DocumentStores.open(StoreOptions.inMemory().at("jdbc:other:secret")))
                .isInstanceOf(StoreException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void whatWasAcknowledgedIsThereAfterTheDatabaseWasKilled() throws Exception {
        Map<String, List<String>> acknowledged = new ConcurrentHashMap<>();
        List<Thread> writers = new ArrayList<>();
        AtomicBoolean stop = new AtomicBoolean();
        for (int i = 0; i < WRITERS; i++) {
            String name = "doc-" + i;
            acknowledged.put(name, new CopyOnWriteArrayList<>());
            Thread writer = new Thread(() -> {
                for (int number = 0; !stop.get(); number++) {
                    String update = Integer.toString(number);
                    try {
                        store.append(name, bytes(update)).toCompletableFuture().join();
                        acknowledged.get(name).add(update);
                    } catch (CompletionException e) {
                        Thread.onSpinWait(); // the next number is tried
                    }
                }
            });
            writer.start();
            writers.add(writer);
        }
        int kills = 3;
        for (int kill = 0; kill < kills; kill++) {
            int before = count(acknowledged);
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> count(acknowledged) > before + 300);
            server.kill();
            assertThatThrownBy(() -> store.load("doc-0")
                            .toCompletableFuture()
                            .orTimeout(20, TimeUnit.SECONDS)
                            .join())
                    .hasCauseInstanceOf(StoreException.class);
            server.start();
        }
        int before = count(acknowledged);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> count(acknowledged) > before + 100);
        stop.set(true);
        for (Thread writer : writers) {
            writer.join();
        }
        int missing = 0;
        for (Map.Entry<String, List<String>> document : acknowledged.entrySet()) {
            List<String> kept = load(document.getKey());
            missing += (int) document.getValue().stream()
                    .filter(update -> !kept.contains(update))
                    .count();
        }
        System.out.printf(
                "database killed while writing: %d kills, %d acknowledged, %d missing%n",
                kills, count(acknowledged), missing);
        assertThat(missing).isZero();
    }

    private static int count(Map<String, List<String>> acknowledged) {
        return acknowledged.values().stream().mapToInt(List::size).sum();
    }
}
