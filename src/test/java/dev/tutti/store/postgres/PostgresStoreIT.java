package dev.tutti.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoreException;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.DocumentStoreContract;
import dev.tutti.store.DocumentStores;
import dev.tutti.store.StoreOptions;
import dev.tutti.store.queue.StoreClock;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
    public void openIt() throws Exception {
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
        return new PostgresStore(
                Connections.to(server.url(), "", "", 2),
                new PostgresBackend.Options(schema, new StoreClock(clock::get, System::nanoTime), false));
    }

    @Override
    public DocumentStore open() {
        return open(Schema.CURRENT);
    }

    @Override
    public DocumentStore reopen(DocumentStore open) {
        open.close();
        return open();
    }

    @Test
    void secondServerIsKeptOut() {
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("another server has the same database open");
        store.close();
        store = open();
        await(store.append("a", bytes("1")));
    }

    @Test
    void secondServerIsKeptOutAfterAReconnect() throws Exception {
        await(store.append("a", bytes("1")));
        execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE application_name = 'tutti' AND pid <> pg_backend_pid()");
        Awaitility.await().until(() -> succeeds("2"));
        assertThatThrownBy(this::open).hasMessageContaining("another server has the same database open");
        assertThat(load("a")).contains("1", "2");
    }

    @Test
    void serversOfAClusterKeepOthersOut() {
        store.close();
        store = openShared();
        try (DocumentStore second = openShared()) {
            await(second.append("a", bytes("1")));
            assertThat(load("a")).containsExactly("1");
            assertThatThrownBy(this::open).hasMessageContaining("another server has the same database open");
        }
    }

    /** Throwables to inject once between the removal of rows and the insertion of their state. */
    static Stream<Throwable> failures() {
        return Stream.of(new OutOfMemoryError("injected"), new IllegalStateException("injected: content"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void failedTransactionIsNeverCommitted(Throwable injected) throws Exception {
        store.close();
        FaultyDatabase database = new FaultyDatabase(server.url());
        AtomicLong nanos = new AtomicLong();
        store = new PostgresStore(
                database.connections(),
                new PostgresBackend.Options(Schema.CURRENT, new StoreClock(clock::get, nanos::get), false));
        Set<Long> covered = Set.of(await(store.append("a", bytes("1"))), await(store.append("a", bytes("2"))));
        AtomicBoolean isThrown = new AtomicBoolean();
        database.onPrepare(sql -> {
            if (sql.startsWith("INSERT") && isThrown.compareAndSet(false, true)) {
                throw FaultyDatabase.<RuntimeException>unchecked(injected);
            }
        });
        assertThatThrownBy(() -> await(store.replace("a", bytes("12"), covered)))
                .hasCauseInstanceOf(StoreException.class)
                .hasMessageNotContaining("content");
        assertThat(isThrown).isTrue();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        await(store.append("b", bytes("next group")));
        assertThat(load("a")).containsExactly("1", "2");
        assertThat(texts(await(store.replace("a", bytes("12"), covered)).others()))
                .isEmpty();
        assertThat(load("a")).containsExactly("12");
    }

    @Test
    void reconnectReportsPossiblyMissedRows() throws Exception {
        AtomicInteger reports = new AtomicInteger();
        store.whenRowsMayBeMissed(reports::incrementAndGet);
        await(store.append("a", bytes("1")));
        assertThat(reports).hasValue(0);
        execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE application_name = 'tutti' AND pid <> pg_backend_pid()");
        Awaitility.await().until(() -> succeeds("2"));
        assertThat(reports).hasValue(1);
    }

    @Test
    void concurrentServersWithoutLockLoseNothing() throws Exception {
        store.close();
        List<DocumentStore> servers = List.of(openShared(), openShared());
        store = servers.get(0);
        Set<String> confirmed = ConcurrentHashMap.newKeySet();
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            DocumentStore own = servers.get(i);
            String server = i + "-";
            Thread writer = new Thread(() -> {
                for (int number = 0; number < 400; number++) {
                    String name = "doc-" + number % 4;
                    String update = name + "/" + server + number + "\n";
                    await(own.append(name, bytes(update)));
                    confirmed.add(update);
                    if (number % 5 == 0) {
                        List<StoredUpdate> rows = await(own.load(name));
                        await(own.replace(name, bytes(String.join("", texts(rows))), ids(rows)));
                    }
                }
            });
            writer.start();
            writers.add(writer);
        }
        for (Thread writer : writers) {
            writer.join();
        }
        servers.get(1).close();
        Set<String> kept = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            load("doc-" + i).forEach(row -> row.lines().forEach(line -> kept.add(line + "\n")));
        }
        assertThat(kept).containsExactlyInAnyOrderElementsOf(confirmed).hasSize(800);
    }

    private DocumentStore openShared() {
        return new PostgresStore(
                Connections.to(server.url(), "", "", 2),
                new PostgresBackend.Options(Schema.CURRENT, new StoreClock(clock::get, System::nanoTime), true));
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
    void schemaIsUpgradedAndALaterOneRefused() throws Exception {
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
    void unreachableDatabaseIsNamedInTheError() {
        assertThatThrownBy(() -> new PostgresStore("jdbc:postgresql://localhost:1/none", "tutti", "secret"))
                .isInstanceOf(StoreException.class)
                .hasMessage("the database cannot be used: it cannot be reached");
        assertThatThrownBy(() -> DocumentStores.open(StoreOptions.inMemory().at("jdbc:other:secret")))
                .isInstanceOf(StoreException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void acknowledgedUpdatesSurviveADatabaseKill() throws Exception {
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
                        Thread.onSpinWait(); // try the next number
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
