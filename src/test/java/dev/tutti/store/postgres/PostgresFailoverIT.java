package dev.tutti.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.Documents;
import dev.tutti.document.StoreException;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.TimeSource;
import dev.tutti.settings.Settings;
import dev.tutti.store.DocumentStoreContract;
import dev.tutti.yjs.DocumentLimits;
import dev.tutti.yjs.YDocument;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two servers on one database with the same open documents: the one with the lock loses its connections at random moments, and the other
 * takes over. {@code -Dtutti.failovers=50} for more.
 */
class PostgresFailoverIT {
    private static final int FAILOVERS = Integer.getInteger("tutti.failovers", 4);
    private static final int DOCUMENTS = 4;
    private static final int WRITERS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Limits LIMITS = Settings.read(Limits.class, Map.of("max-messages-per-second", "0")::get);

    private final AtomicInteger ids = new AtomicInteger(1000);
    /** Numbers of confirmed letters, by document and by the author's id. */
    private final Map<String, Map<Integer, Integer>> confirmed = new ConcurrentHashMap<>();

    /** A server whose clients type one letter after another is confirmed, disconnect, and come back as others. */
    private final class Server {
        private final FaultyDatabase database;
        private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);
        private final List<Thread> typists = new ArrayList<>();
        private final AtomicInteger confirmations = new AtomicInteger();
        private final List<TypingClient> readers = new ArrayList<>();
        private final Hub hub;
        private final Documents documents;
        private volatile boolean isStopped;

        Server(String name, FaultyDatabase database) {
            this.database = database;
            hub = new Hub(LIMITS, name, threads, 1, TimeSource.SYSTEM);
            DocumentStore store = new PostgresStore(database.connections(), PostgresBackend.Options.DEFAULT);
            documents = new Documents(LIMITS, hub.budget(), store, threads, TimeSource.SYSTEM, (task, nanos) -> {
                var unused = threads.schedule(task, nanos, TimeUnit.NANOSECONDS);
            });
            var unused = threads.scheduleWithFixedDelay(documents::tick, 100, 100, TimeUnit.MILLISECONDS);
            for (int i = 0; i < DOCUMENTS / 2; i++) { // these documents are never unloaded
                readers.add(new TypingClient(hub, documents, "doc-" + i));
            }
        }

        void startTyping() {
            for (int i = 0; i < WRITERS; i++) {
                String document = "doc-" + i % DOCUMENTS;
                Thread typist = new Thread(() -> {
                    while (!isStopped) {
                        type(document);
                    }
                });
                typist.start();
                typists.add(typist);
            }
        }

        private void type(String document) {
            int id = ids.incrementAndGet();
            TypingClient client = new TypingClient(hub, documents, document);
            int letters = ThreadLocalRandom.current().nextInt(1, 60);
            for (int clock = 0; clock < letters && !isStopped; clock++) {
                client.type(id, clock);
                if (client.isConfirmed(() -> isStopped)) {
                    confirmed
                            .computeIfAbsent(document, key -> new ConcurrentHashMap<>())
                            .put(id, clock + 1);
                    confirmations.incrementAndGet();
                }
            }
            client.disconnect();
        }

        void stopTyping() throws InterruptedException {
            isStopped = true;
            for (Thread typist : typists) {
                typist.join();
            }
        }

        void close() throws InterruptedException {
            readers.forEach(TypingClient::disconnect);
            documents.close(TimeUnit.SECONDS.toMillis(20));
            threads.shutdownNow();
        }
    }

    @Test
    void confirmedUpdatesSurviveFailovers(@TempDir Path directory) throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (PostgresServer postgres = new PostgresServer(directory)) {
            Server standby = new Server("a", new FaultyDatabase(postgres.url()));
            standby.startTyping();
            await().atMost(PATIENCE).until(() -> !confirmed.isEmpty());
            Server active = startOther(standby, postgres);
            active.startTyping();
            for (int done = 0; done < FAILOVERS; done++) {
                awaitConfirmations(active, random.nextInt(150));
                active.database.goDown();
                awaitConfirmations(standby, 1);
                active.database.comeBack();
                Server next = standby;
                standby = active;
                active = next;
            }
            standby.stopTyping();
            active.stopTyping();
            Server last = active;
            await("live documents, seed " + seed).atMost(PATIENCE).until(() -> missing(last) == 0);
            active.close();
            standby.close();
            int count = confirmed.values().stream()
                    .flatMap(writers -> writers.values().stream())
                    .mapToInt(letters -> letters)
                    .sum();
            try (DocumentStore store = new PostgresStore(postgres.url(), "", "")) {
                int missing = 0;
                int rows = 0;
                for (String name : confirmed.keySet()) {
                    List<byte[]> updates = DocumentStoreContract.updates(store, name);
                    rows += updates.size();
                    missing += missing(
                            name,
                            YDocument.decode(updates, DocumentLimits.DEFAULT).stateVector());
                }
                System.out.printf(
                        "two servers on one database: %d failovers, %d letters confirmed, %d missing, %d rows (seed %d)%n",
                        FAILOVERS, count, missing, rows, seed);
                assertThat(missing).as("seed %d", seed).isZero();
            }
        }
    }

    /** Starts a second server while the first is cut off from the database. */
    private Server startOther(Server first, PostgresServer postgres) throws SQLException {
        first.database.goDown();
        FaultyDatabase database = new FaultyDatabase(postgres.url());
        List<Server> started = new ArrayList<>();
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(StoreException.class)
                .until(() -> {
                    started.add(new Server("b", database));
                    return true;
                });
        first.database.comeBack();
        return started.get(0);
    }

    private static void awaitConfirmations(Server server, int more) {
        int before = server.confirmations.get();
        await().atMost(PATIENCE).until(() -> server.confirmations.get() >= before + more);
    }

    /** Returns the number of confirmed letters that a server's open documents lack. */
    private int missing(Server server) throws Exception {
        int missing = 0;
        for (String name : confirmed.keySet()) {
            missing += missing(
                    name,
                    server.documents
                            .stored(name)
                            .toCompletableFuture()
                            .get(60, TimeUnit.SECONDS)
                            .stateVector());
        }
        return missing;
    }

    private int missing(String name, byte[] stateVector) throws Exception {
        Map<Integer, Integer> kept = TypingClient.letters(stateVector);
        return confirmed.get(name).entrySet().stream()
                .mapToInt(writer -> Math.max(0, writer.getValue() - kept.getOrDefault(writer.getKey(), 0)))
                .sum();
    }
}
