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
 * Two servers on one database: the one that holds the lock is cut off at random moments, the other takes over with the same documents open,
 * and back. {@code -Dtutti.failovers=50} for more.
 */
class PostgresFailoverIT {
    private static final int FAILOVERS = Integer.getInteger("tutti.failovers", 4);
    private static final int DOCUMENTS = 4;
    private static final int WRITERS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Limits LIMITS = Settings.read(Limits.class, Map.of("max-messages-per-second", "0")::get);

    private final AtomicInteger ids = new AtomicInteger(1000);
    /** How many letters of each writer are confirmed, by the document and the writer's id. */
    private final Map<String, Map<Integer, Integer>> confirmed = new ConcurrentHashMap<>();

    /** A server with people who type, one letter after the other is confirmed, and come and go. */
    private final class Server {
        private final FaultyDatabase database;
        private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);
        private final List<Thread> people = new ArrayList<>();
        private final AtomicInteger confirmations = new AtomicInteger();
        private final List<Person> readers = new ArrayList<>();
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
            for (int i = 0; i < DOCUMENTS / 2; i++) { // which are never put away
                readers.add(new Person(hub, documents, "doc-" + i));
            }
        }

        void work() {
            for (int i = 0; i < WRITERS; i++) {
                String document = "doc-" + i % DOCUMENTS;
                Thread person = new Thread(() -> {
                    while (!isStopped) {
                        type(document);
                    }
                });
                person.start();
                people.add(person);
            }
        }

        private void type(String document) {
            int id = ids.incrementAndGet();
            Person person = new Person(hub, documents, document);
            int letters = ThreadLocalRandom.current().nextInt(1, 60);
            for (int clock = 0; clock < letters && !isStopped; clock++) {
                person.type(id, clock);
                if (person.isConfirmed(() -> isStopped)) {
                    confirmed
                            .computeIfAbsent(document, key -> new ConcurrentHashMap<>())
                            .put(id, clock + 1);
                    confirmations.incrementAndGet();
                }
            }
            person.go();
        }

        void stopTyping() throws InterruptedException {
            isStopped = true;
            for (Thread person : people) {
                person.join();
            }
        }

        void close() throws InterruptedException {
            readers.forEach(Person::go);
            documents.close(TimeUnit.SECONDS.toMillis(20));
            threads.shutdownNow();
        }
    }

    @Test
    void nothingConfirmedIsMissingAfterFailovers(@TempDir Path directory) throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (PostgresServer postgres = new PostgresServer(directory)) {
            Server standby = new Server("a", new FaultyDatabase(postgres.url()));
            standby.work();
            await().atMost(PATIENCE).until(() -> !confirmed.isEmpty());
            Server active = startOther(standby, postgres);
            active.work();
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

    /** Cuts the first server off until another has started. */
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

    /** Returns how many confirmed letters a server's open documents lack. */
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
        Map<Integer, Integer> kept = Person.letters(stateVector);
        return confirmed.get(name).entrySet().stream()
                .mapToInt(writer -> Math.max(0, writer.getValue() - kept.getOrDefault(writer.getKey(), 0)))
                .sum();
    }
}
