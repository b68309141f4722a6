package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.Documents;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.DocumentStoreContract;
import dev.tutti.store.postgres.PostgresServer;
import dev.tutti.store.postgres.PostgresStore;
import dev.tutti.store.postgres.TypingClient;
import dev.tutti.yjs.DocumentLimits;
import dev.tutti.yjs.YDocument;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Documents of three servers in one JVM, on one Redis and one database. */
@Timeout(120)
class ClusterDocumentsIT extends ClusterServers {
    private static final int SERVERS = 3;
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final Map<String, String> SETTINGS = Map.of("max-messages-per-second", "0");

    @TempDir
    static Path database;

    private static PostgresServer postgres;

    private final List<Documents> documents = new ArrayList<>();
    private final AtomicBoolean isStopped = new AtomicBoolean();
    /** Numbers of confirmed letters, by the author's id. */
    private final Map<Integer, Integer> confirmed = new ConcurrentHashMap<>();

    @BeforeAll
    static void startDatabase() throws Exception {
        postgres = new PostgresServer(database);
    }

    @AfterAll
    static void stopDatabase() throws Exception {
        postgres.close();
    }

    private void startServers() {
        for (int i = 0; i < SERVERS; i++) {
            ClusterHub server = start(SETTINGS, ClusterMetrics.NONE);
            server.awaitConnection();
            documents.add(server.documents(PostgresStore.shared(postgres.url(), "", "")));
        }
    }

    @Test
    void lettersOfAllServersSurviveAFaultOfRedisAndConcurrentFolds() throws Exception {
        startServers();
        List<TypingClient> clients = new ArrayList<>();
        List<Thread> typists = new ArrayList<>();
        for (int i = 0; i < SERVERS; i++) {
            TypingClient client = new TypingClient(servers.get(i).hub(), documents.get(i), "shared");
            clients.add(client);
            int id = 1 + i;
            Thread typist = new Thread(() -> type(client, id));
            typist.start();
            typists.add(typist);
        }
        awaitConfirmed(150);
        redis.kill();
        awaitConfirmed(300); // they are stored without Redis
        redis.start();
        awaitConfirmed(450);
        isStopped.set(true);
        for (Thread typist : typists) {
            typist.join();
        }
        for (Documents of : documents) {
            await().atMost(WAIT)
                    .pollInterval(Duration.ofMillis(50))
                    .untilAsserted(() ->
                            assertThat(TypingClient.letters(stateVector(of))).isEqualTo(confirmed));
        }
        clients.forEach(TypingClient::disconnect);
        for (Documents of : documents) {
            of.close(TimeUnit.SECONDS.toMillis(20));
        }
        try (DocumentStore store = PostgresStore.shared(postgres.url(), "", "")) {
            List<StoredUpdate> rows = DocumentStoreContract.await(store.load("shared"));
            List<byte[]> updates = rows.stream().map(StoredUpdate::update).toList();
            assertThat(TypingClient.letters(
                            YDocument.decode(updates, DocumentLimits.DEFAULT).stateVector()))
                    .isEqualTo(confirmed);
            int letters = confirmed.values().stream().mapToInt(count -> count).sum();
            System.out.println(
                    "documents of three servers: " + letters + " letters confirmed, " + rows.size() + " rows");
            assertThat(rows).hasSizeLessThan(letters / 2);
        }
    }

    private void type(TypingClient client, int id) {
        for (int letter = 0; !isStopped.get(); letter++) {
            client.type(id, letter);
            if (!client.isConfirmed(() -> false)) {
                return;
            }
            confirmed.put(id, letter + 1);
        }
    }

    private void awaitConfirmed(int letters) {
        Map<Integer, Integer> before = new HashMap<>(confirmed);
        await().atMost(WAIT)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> confirmed.size() == SERVERS
                        && confirmed.values().stream().mapToInt(count -> count).sum() >= letters
                        && confirmed.entrySet().stream()
                                .allMatch(entry -> entry.getValue() > before.getOrDefault(entry.getKey(), 0)));
    }

    private static byte[] stateVector(Documents of) throws Exception {
        return of.stored("shared")
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS)
                .stateVector();
    }

    @Test
    void documentIsDeletedOnlyIfNoServerHasItOpen() throws Exception {
        startServers();
        TypingClient client = new TypingClient(servers.get(0).hub(), documents.get(0), "deleted");
        client.type(1, 0);
        assertThat(client.isConfirmed(() -> false)).isTrue();
        assertThat(delete(documents.get(1))).isEqualTo(Documents.Deletion.OPEN);
        client.disconnect();
        await().atMost(WAIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> delete(documents.get(2)) == Documents.Deletion.DELETED);
        for (Documents of : documents) {
            of.close(TimeUnit.SECONDS.toMillis(20));
        }
    }

    private static Documents.Deletion delete(Documents at) throws Exception {
        return at.delete("deleted").toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
