package dev.tutti.history;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.DocumentStore;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Draft;
import dev.tutti.hub.HistoryPage;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Position;
import dev.tutti.hub.Publication;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogContract;
import dev.tutti.hub.RoomLogs;
import dev.tutti.hub.TimeSource;
import dev.tutti.settings.Settings;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of logs, and of their stay in a store, for each store. */
abstract class StoredRoomLogContract implements RoomLogContract {
    private static final int WAIT_SECONDS = 60;

    private final ExecutorService executor = Executors.newFixedThreadPool(2);
    private final AtomicInteger epochs = new AtomicInteger();
    private final AtomicInteger rooms = new AtomicInteger();
    private final Limits limits = Settings.read(Limits.class, name -> name.equals("history") ? "*=5/100000/10" : null);

    private DocumentStore store;
    private DurableLogs logs;

    /** Opens the store; it is empty the first time in a test. */
    abstract DocumentStore openStore() throws Exception;

    @BeforeEach
    void openLogs() throws Exception {
        store = openStore();
        begin();
    }

    private void begin() {
        RoomLogs.Context context = new RoomLogs.Context(
                limits, Budget.of(limits), executor, TimeSource.SYSTEM, () -> "e" + epochs.incrementAndGet());
        Generation generation = Generation.begin(store, "g" + epochs.incrementAndGet());
        logs = new DurableLogs(store, context, generation, 0, 0);
    }

    @AfterEach
    void closeStore() {
        store.close();
        executor.shutdownNow();
    }

    @Override
    public RoomLog open(RoomLog.Subscriber subscriber) {
        return open("room" + rooms.incrementAndGet(), subscriber);
    }

    private RoomLog open(String room, RoomLog.Subscriber subscriber) {
        RoomLog log = logs.open(room, subscriber);
        awaitPrepared(log, subscriber);
        return log;
    }

    private static void awaitPrepared(RoomLog log, RoomLog.Subscriber subscriber) {
        CompletionStage<?> unprepared;
        do {
            synchronized (subscriber) {
                unprepared = log.prepare(null);
            }
            if (unprepared != null) {
                unprepared
                        .toCompletableFuture()
                        .orTimeout(WAIT_SECONDS, SECONDS)
                        .join();
            }
        } while (unprepared != null);
    }

    @Override
    public void complete() {
        logs.whenStored().orTimeout(WAIT_SECONDS, SECONDS).join();
    }

    private static CompletionStage<Position> append(RoomLog log, Recorder room, String data, String key) {
        synchronized (room) {
            return log.append(new Draft(System.currentTimeMillis(), null, data, key, true), System.nanoTime());
        }
    }

    private static HistoryPage all(RoomLog log, Recorder room) {
        synchronized (room) {
            return log.latest(9);
        }
    }

    /** Ends the server and starts the next one. */
    private void restart(boolean isClean) throws Exception {
        complete();
        if (isClean) {
            logs.generation().endClean();
        }
        store.close();
        store = openStore();
        begin();
    }

    @Test
    void cleanRestartKeepsEpochOffsetsAndKeys() throws Exception {
        Recorder room = new Recorder();
        RoomLog log = open("room", room);
        append(log, room, "\"1\"", null);
        Position second =
                append(log, room, "\"2 ü€😀\"", "key").toCompletableFuture().join();
        restart(true);

        Recorder after = new Recorder();
        RoomLog reopened = open("room", after);
        assertThat(all(reopened, after).position()).isEqualTo(second);
        assertThat(all(reopened, after).messages())
                .extracting(Publication::data)
                .containsExactly("\"1\"", "\"2 ü€😀\"");
        assertThat(append(reopened, after, "again", "key").toCompletableFuture().join())
                .isEqualTo(second);
        assertThat(append(reopened, after, "3", null).toCompletableFuture().join())
                .isEqualTo(new Position(second.epoch(), 3));
    }

    @Test
    void crashBeginsAnEpochThatContinuesTheOffsets() throws Exception {
        Recorder room = new Recorder();
        RoomLog log = open("room", room);
        Position first = append(log, room, "1", null).toCompletableFuture().join();
        Position last = append(log, room, "2", null).toCompletableFuture().join();
        restart(false);

        Recorder after = new Recorder();
        RoomLog reopened = open("room", after);
        synchronized (after) {
            HistoryPage missed = reopened.since(first, 9);
            assertThat(missed.recovered()).isTrue();
            assertThat(missed.messages()).extracting(Publication::data).containsExactly("2");
            assertThat(missed.position().offset()).isEqualTo(2);
            assertThat(missed.position().epoch()).isNotEqualTo(first.epoch());
            assertThat(reopened.since(last, 9).recovered()).isTrue();
            // one more was delivered, and is lost
            assertThat(reopened.since(new Position(first.epoch(), 3), 9).recovered())
                    .isFalse();
        }
        Position next = append(reopened, after, "3", null).toCompletableFuture().join();
        assertThat(next.offset()).isEqualTo(3);
        synchronized (after) {
            assertThat(reopened.since(new Position(first.epoch(), 3), 9).recovered())
                    .isFalse();
            assertThat(reopened.since(last, 9).recovered()).isTrue();
        }
    }

    @Test
    void deletedHistoryStaysDeleted() throws Exception {
        Recorder room = new Recorder();
        RoomLog log = open("room", room);
        Position first = append(log, room, "1", "key").toCompletableFuture().join();
        CompletionStage<?> cleared;
        synchronized (room) {
            cleared = log.clear();
        }
        cleared.toCompletableFuture().join();
        assertThat(store.load("room").toCompletableFuture().join())
                .allSatisfy(row -> assertThat(LogRowFormat.decode(row.update()).publications())
                        .isEmpty());
        restart(true);

        Recorder after = new Recorder();
        RoomLog reopened = open("room", after);
        assertThat(all(reopened, after).messages()).isEmpty();
        assertThat(all(reopened, after).position()).isEqualTo(first);
    }

    @Test
    void storeKeepsAboutWhatTheRoomRetains() throws Exception {
        Recorder room = new Recorder();
        RoomLog log = open("room", room);
        for (int i = 1; i <= 200; i++) {
            append(log, room, "\"" + "x".repeat(1_000) + i + '"', null)
                    .toCompletableFuture()
                    .join();
        }
        complete();
        long stored = store.load("room").toCompletableFuture().join().stream()
                .mapToLong(row -> row.update().length)
                .sum();
        assertThat(stored).isLessThan(40_000).isEqualTo(logs.storedBytes());
        restart(true);

        Recorder after = new Recorder();
        assertThat(all(open("room", after), after).messages())
                .extracting(Publication::offset)
                .containsExactly(196L, 197L, 198L, 199L, 200L);
    }
}
