package dev.tutti.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.document.StoredUpdate;
import dev.tutti.history.SimulatedStore.Outcome;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Draft;
import dev.tutti.hub.Hub;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.LimitException;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Metrics;
import dev.tutti.hub.Position;
import dev.tutti.hub.Publication;
import dev.tutti.hub.RoomLogContract.Recorder;
import dev.tutti.hub.RoomLogs;
import dev.tutti.security.UnavailableException;
import dev.tutti.settings.Settings;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** A log over a store whose calls end when the test says so. */
class DurableLogTest {
    private static final String ROOM = "room";

    private final TestTime time = new TestTime();
    private final SimulatedStore store = new SimulatedStore(time);
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Limits limits =
            Settings.read(Limits.class, name -> name.equals("history") ? "*=5/100000/1000" : null);
    private final Budget budget = Budget.of(limits);
    private final Recorder room = new Recorder();
    private int epochs;

    private DurableLogs logs(long maxStoredBytes) {
        RoomLogs.Context context = new RoomLogs.Context(limits, budget, tasks::add, time, () -> "e" + ++epochs);
        return new DurableLogs(store, context, Generation.begin(store, "g" + ++epochs), 0, maxStoredBytes);
    }

    /** Returns a log that is in memory. */
    private DurableLog prepared() {
        DurableLog log = (DurableLog) logs(0).open(ROOM, room);
        assertThat(log.prepare(null)).isNotNull();
        settle();
        assertThat(log.prepare(null)).isNull();
        return log;
    }

    private void runAll() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private void settle() {
        do {
            runAll();
        } while (store.end(Outcome.DONE));
    }

    private void publish(DurableLog log, String data) {
        var unused = append(log, data);
    }

    private CompletableFuture<Position> append(DurableLog log, String data) {
        return log.append(new Draft(time.millis(), null, data, data, true), time.nanos)
                .toCompletableFuture();
    }

    @Test
    void publicationIsDeliveredAtOnceAndAcknowledgedWhenStored() {
        DurableLog log = prepared();
        CompletableFuture<Position> stage = append(log, "1");
        assertThat(room.data()).containsExactly("1");
        runAll();
        assertThat(stage).isNotDone();

        store.end(Outcome.DONE);
        runAll();
        assertThat(stage).isCompletedWithValueMatching(position -> position.offset() == 1);
    }

    @Test
    void oneWriteTakesAllThatWaits() {
        DurableLog log = prepared();
        CompletableFuture<Position> first = append(log, "1");
        runAll();
        CompletableFuture<Position> second = append(log, "2");
        CompletableFuture<Position> third = append(log, "3");
        runAll();
        store.end(Outcome.DONE);
        runAll();
        assertThat(first).isCompleted();
        assertThat(second).isNotDone();

        store.end(Outcome.DONE);
        runAll();
        assertThat(second).isCompleted();
        assertThat(third).isCompleted();
    }

    @Test
    void failedWriteRefusesAndIsRepeated() {
        DurableLog log = prepared();
        CompletableFuture<Position> refused = append(log, "1");
        runAll();
        store.end(Outcome.FAILED);
        runAll();
        assertThat(refused)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(UnavailableException.class)
                .withMessageContaining("on purpose");
        assertThat(append(log, "1")).as("too early for another write").isCompletedExceptionally();
        assertThat(room.data()).containsExactly("1");

        time.nanos += 1_000_000_000L;
        CompletableFuture<Position> again = append(log, "1");
        settle();
        assertThat(again).isCompletedWithValueMatching(position -> position.offset() == 1);
        assertThat(room.data()).containsExactly("1");
        assertThat(log.isExpendable()).isTrue();
    }

    @Test
    void unstoredPublicationsKeepTheRoomInMemory() {
        DurableLog log = prepared();
        publish(log, "1");
        runAll();
        store.end(Outcome.FAILED);
        runAll();
        time.nanos += 60_000_000_000L;
        assertThat(log.isNeeded()).isTrue();
        assertThat(log.isExpendable()).isFalse();

        log.trim(time.nanos); // the clock
        settle();
        assertThat(log.isNeeded()).isFalse();
    }

    @Test
    void unusedRoomLeavesMemory() {
        DurableLog log = prepared();
        publish(log, "1");
        settle();
        assertThat(log.isNeeded()).isTrue();
        time.nanos += 60_000_000_000L;
        assertThat(log.isNeeded()).isFalse();

        log.close();
        assertThat(budget.usedBytes(Budget.Share.HISTORY)).isZero();
        assertThat(append(log, "late")).isCompletedExceptionally();
    }

    @Test
    void historyThatCannotBeReadIsUnavailable() {
        DurableLog log = (DurableLog) logs(0).open(ROOM, room);
        CompletionStage<?> unprepared = log.prepare(null);
        store.end(Outcome.FAILED);
        runAll();
        assertThat(unprepared.toCompletableFuture()).isCompleted();
        assertThatThrownBy(() -> log.prepare(null)).isInstanceOf(UnavailableException.class);
        assertThat(append(log, "1")).isCompletedExceptionally();

        time.nanos += 2_000_000_000L;
        assertThat(log.prepare(null)).isNotNull();
        settle();
        assertThat(log.prepare(null)).isNull();
    }

    @Test
    void storedBytesAreLimited() {
        DurableLogs small = logs(1_000);
        DurableLog log = (DurableLog) small.open(ROOM, room);
        var unused = log.prepare(null);
        settle();
        publish(log, "x".repeat(700));
        settle();
        assertThatThrownBy(() -> append(log, "y".repeat(700)))
                .isInstanceOfSatisfying(
                        LimitException.class, e -> assertThat(e.breach()).isEqualTo(LimitBreach.STORED_HISTORY));

        CompletionStage<?> cleared = log.clear();
        settle();
        assertThat(cleared.toCompletableFuture()).isCompleted();
        assertThat(append(log, "z".repeat(700))).isNotCompletedExceptionally();
    }

    @Test
    void oldPublicationsLeaveTheStore() throws Exception {
        DurableLog log = prepared();
        publish(log, "1");
        settle();
        time.nanos += 2_000_000_000_000L;
        log.trim(time.nanos);
        settle();

        CompletionStage<List<StoredUpdate>> rows = store.load(ROOM);
        store.end(Outcome.DONE);
        for (var row : rows.toCompletableFuture().join()) {
            assertThat(LogRowFormat.decode(row.update()).publications()).isEmpty();
        }
    }

    @Test
    void unusedRoomsAreRemovedFromTheStore() {
        DurableHistory history = new DurableHistory(store, 0, 30);
        Hub hub = hub(history);
        hub.publish(ROOM, "\"1\"", null);
        settle();
        assertThat(names()).contains(ROOM);
        time.nanos += 3_600_000_000_000L;
        hub.tick();
        settle();
        time.nanos += 60_000_000_000L;
        hub.tick(); // the room leaves memory
        history.tick();
        settle();
        assertThat(names()).contains(ROOM);

        time.nanos += 40L * 24 * 3_600_000_000_000L;
        history.tick();
        settle();
        assertThat(names()).doesNotContain(ROOM);
    }

    private List<String> names() {
        return store.list("", "", 9).toCompletableFuture().join().stream()
                .map(document -> document.name())
                .toList();
    }

    private Hub hub(DurableHistory history) {
        return new Hub(limits, "h" + ++epochs, tasks::add, 1, time, Metrics.NONE, history);
    }

    @Test
    void callersOfARoomInTheStoreKeepTheirOrder() {
        Hub hub = hub(new DurableHistory(store, 0, 0));
        List<CompletionStage<Position>> published = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            published.add(hub.publish(ROOM, "\"" + i + '"', null));
        }
        assertThat(published.get(0).toCompletableFuture()).isNotDone();
        settle();

        assertThat(published)
                .extracting(stage -> stage.toCompletableFuture().join().offset())
                .containsExactly(1L, 2L, 3L, 4L);
        assertThat(hub.directory().prepare(ROOM)).isNull();
        assertThat(hub.directory().latest(ROOM, 9).messages())
                .extracting(Publication::data)
                .containsExactly("\"1\"", "\"2\"", "\"3\"", "\"4\"");
    }

    @Test
    void serverStopsWritingAfterAnotherHasUsedTheStore() {
        DurableHistory history = new DurableHistory(store, 0, 0);
        Hub hub = hub(history);
        var first = hub.publish(ROOM, "1", null).toCompletableFuture();
        settle();
        Runnable connectedAgain = store.whenRowsMayBeMissed();
        connectedAgain.run();
        var second = hub.publish(ROOM, "2", null).toCompletableFuture();
        settle();
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();

        var other = hub(new DurableHistory(store, 0, 0)); // had the lock meanwhile
        assertThat(other.roomCount()).isZero();
        connectedAgain.run();
        var third = hub.publish(ROOM, "3", null).toCompletableFuture();
        settle();
        assertThat(third).isCompletedExceptionally();
    }

    @Test
    void cleanStopIsNotedAndCrashIsNot() throws Exception {
        DurableHistory history = new DurableHistory(store, 0, 0);
        Hub hub = hub(history);
        var published = hub.publish(ROOM, "1", null).toCompletableFuture();
        settle();
        history.close(0);
        Hub next = hub(new DurableHistory(store, 0, 0));
        var second = next.publish(ROOM, "2", null).toCompletableFuture();
        settle();
        assertThat(second).isCompletedWithValue(new Position(published.join().epoch(), 2));

        Hub afterCrash = hub(new DurableHistory(store, 0, 0));
        var third = afterCrash.publish(ROOM, "3", null).toCompletableFuture();
        settle();
        assertThat(third.join().offset()).isEqualTo(3);
        assertThat(third.join().epoch()).isNotEqualTo(published.join().epoch());
    }
}
