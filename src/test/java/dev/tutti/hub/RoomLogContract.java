package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The contract of {@link RoomLog}, for each implementation. */
public interface RoomLogContract {
    long SECOND = 1_000_000_000L;

    /** The rule of the logs under test: five publications, ten seconds. */
    HistoryRule RULE = new HistoryRule(5, 100_000, 10);

    /** Returns an empty log with {@link #RULE}, prepared for all calls. */
    RoomLog open(RoomLog.Subscriber subscriber);

    /** Ends all appends that are under way. */
    void complete();

    /** A subscriber that records deliveries. */
    final class Recorder implements RoomLog.Subscriber {
        // All: guarded by this.
        private final List<Publication> delivered = new ArrayList<>();
        private @Nullable RoomLog log;
        private boolean isFull;

        @Override
        public void requireRoom(int bytes) {
            if (isFull) {
                throw new LimitException(LimitBreach.ROOM_QUEUE);
            }
        }

        @Override
        public void deliverToMembers(Publication publication) {
            delivered.add(publication);
            if (log != null && !log.isEmpty()) { // reads end with the delivered publication
                assertThat(log.latest(1).messages()).containsExactly(publication);
                assertThat(log.latest(1).position().offset()).isEqualTo(publication.offset());
            }
        }

        @Override
        public void notifyListeners(Publication publication) {}

        @Override
        public void lost() {
            throw new AssertionError("nothing was lost");
        }

        @Override
        public void wake() {}

        public synchronized List<String> data() {
            return delivered.stream().map(Publication::data).toList();
        }
    }

    /** A log whose caller holds the monitor of the subscriber, as a room does. */
    record Guarded(RoomLog log, RoomLog.Subscriber subscriber) implements RoomLog {
        @Override
        public @Nullable CompletionStage<?> prepare(@Nullable Position since) {
            synchronized (subscriber) {
                return log.prepare(since);
            }
        }

        @Override
        public CompletionStage<Position> append(Draft draft, long nowNanos) {
            synchronized (subscriber) {
                return log.append(draft, nowNanos);
            }
        }

        @Override
        public JoinResult joined(@Nullable Position since, Members members) {
            synchronized (subscriber) {
                return log.joined(since, members);
            }
        }

        @Override
        public HistoryPage since(Position since, int max) {
            synchronized (subscriber) {
                return log.since(since, max);
            }
        }

        @Override
        public HistoryPage before(Position before, int max) {
            synchronized (subscriber) {
                return log.before(before, max);
            }
        }

        @Override
        public HistoryPage latest(int max) {
            synchronized (subscriber) {
                return log.latest(max);
            }
        }

        @Override
        public void trim(long nowNanos) {
            synchronized (subscriber) {
                log.trim(nowNanos);
            }
        }

        @Override
        public CompletionStage<?> clear() {
            synchronized (subscriber) {
                return log.clear();
            }
        }

        @Override
        public boolean isEmpty() {
            synchronized (subscriber) {
                return log.isEmpty();
            }
        }

        @Override
        public boolean isNeeded() {
            synchronized (subscriber) {
                return log.isNeeded();
            }
        }

        @Override
        public boolean isExpendable() {
            synchronized (subscriber) {
                return log.isExpendable();
            }
        }

        @Override
        public void close() {
            synchronized (subscriber) {
                log.close();
            }
        }
    }

    private RoomLog open(Recorder recorder) {
        RoomLog log = open((RoomLog.Subscriber) recorder);
        synchronized (recorder) {
            recorder.log = log;
        }
        return new Guarded(log, recorder);
    }

    private static CompletionStage<Position> append(RoomLog log, String data, @Nullable String key, long nowNanos) {
        return log.append(new Draft(0, null, data, key, true), nowNanos);
    }

    private Position appended(RoomLog log, String data, @Nullable String key, long nowNanos) {
        CompletionStage<Position> stage = append(log, data, key, nowNanos);
        complete();
        return stage.toCompletableFuture().join();
    }

    @Test
    default void positionsCountFromOneInOneEpoch() {
        RoomLog log = open(new Recorder());
        Position first = appended(log, "1", null, 0);
        Position second = appended(log, "2", null, 0);

        assertThat(first.offset()).isEqualTo(1);
        assertThat(second).isEqualTo(new Position(first.epoch(), 2));
    }

    @Test
    default void publicationsAreDeliveredOnceInOrder() {
        Recorder recorder = new Recorder();
        RoomLog log = open(recorder);
        for (int i = 1; i <= 4; i++) {
            append(log, "" + i, null, 0);
        }
        complete();

        assertThat(recorder.data()).containsExactly("1", "2", "3", "4");
        assertThat(recorder.delivered).extracting(Publication::offset).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    default void repeatedKeyIsAppendedOnce() {
        Recorder recorder = new Recorder();
        RoomLog log = open(recorder);
        CompletionStage<Position> first = append(log, "1", "key", 0);
        CompletionStage<Position> again = append(log, "1", "key", 0);
        append(log, "2", "other", 0);
        complete();

        assertThat(again.toCompletableFuture().join())
                .isEqualTo(first.toCompletableFuture().join());
        assertThat(recorder.data()).containsExactly("1", "2");
    }

    @Test
    default void refusedPublicationIsNotAppended() {
        Recorder recorder = new Recorder();
        RoomLog log = open(recorder);
        recorder.isFull = true;
        assertThatThrownBy(() -> append(log, "1", "key", 0)).isInstanceOf(LimitException.class);
        complete();
        assertThat(log.isEmpty()).isTrue();

        recorder.isFull = false;
        assertThat(appended(log, "2", "key", 0).offset()).isEqualTo(1);
        assertThat(recorder.data()).containsExactly("2");
    }

    @Test
    default void keyIsAppendedAgainWhenItIsTooOld() {
        Recorder recorder = new Recorder();
        RoomLog log = open(recorder);
        appended(log, "1", "key", 0);
        appended(log, "2", "key", 10 * SECOND);

        assertThat(recorder.data()).containsExactly("1", "2");
    }

    @Test
    default void draftWithoutPositionIsDelivered() {
        Recorder recorder = new Recorder();
        CompletionStage<Position> stage = open(recorder).append(new Draft(0, null, "1", null, false), 0);
        complete();

        assertThat(stage.toCompletableFuture().join()).isEqualTo(Position.UNKNOWN);
        assertThat(recorder.data()).containsExactly("1");
    }

    @Test
    default void joinRecoversWhatWasDeliveredSince() {
        RoomLog log = open(new Recorder());
        Position first = appended(log, "1", null, 0);
        appended(log, "2", null, 0);
        append(log, "3", null, 0);
        assertThat(log.prepare(first)).isNull();
        JoinResult joined = log.joined(first, new Members(0, List.of()));
        long end = joined.position().offset();

        assertThat(joined.recovered()).isTrue();
        assertThat(joined.messages())
                .extracting(Publication::offset)
                .isEqualTo(end == 3 ? List.of(2L, 3L) : List.of(2L));
    }

    @Test
    default void latestPublicationsAreRetained() {
        RoomLog log = open(new Recorder());
        for (int i = 1; i <= 7; i++) {
            appended(log, "" + i, null, 0);
        }
        String epoch = log.latest(1).position().epoch();

        assertThat(log.latest(9).messages()).extracting(Publication::data).containsExactly("3", "4", "5", "6", "7");
        assertThat(log.since(new Position(epoch, 5), 1).messages())
                .extracting(Publication::data)
                .containsExactly("6");
        assertThat(log.before(new Position(epoch, 5), 1).messages())
                .extracting(Publication::data)
                .containsExactly("4");
    }

    @Test
    default void oldPublicationsAreTrimmed() {
        RoomLog log = open(new Recorder());
        appended(log, "1", null, 0);
        appended(log, "2", null, 6 * SECOND);
        log.trim(10 * SECOND);
        assertThat(log.latest(9).messages()).extracting(Publication::data).containsExactly("2");
        log.trim(16 * SECOND);

        assertThat(log.isEmpty()).isTrue();
        assertThat(appended(log, "3", null, 16 * SECOND).offset()).isEqualTo(3);
    }

    @Test
    default void clearedLogKeepsItsPosition() {
        RoomLog log = open(new Recorder());
        Position first = appended(log, "1", null, 0);
        appended(log, "2", null, 0);
        CompletionStage<?> cleared = log.clear();
        complete();

        assertThat(cleared.toCompletableFuture()).isCompleted();
        assertThat(log.isEmpty()).isTrue();
        assertThat(log.since(first, 9).recovered()).isFalse();
        assertThat(appended(log, "3", null, 0).offset()).isEqualTo(3);
        assertThat(log.latest(9).messages()).extracting(Publication::data).containsExactly("3");
    }

    @Test
    default void closedLogRetainsNothing() {
        Recorder recorder = new Recorder();
        RoomLog log = open(recorder);
        appended(log, "1", null, 0);
        log.close();
        append(log, "2", null, 0);
        complete();

        assertThat(recorder.data()).startsWith("1");
        assertThat(log.isEmpty()).isTrue();
    }
}
