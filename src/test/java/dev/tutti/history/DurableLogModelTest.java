package dev.tutti.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.history.SimulatedStore.Outcome;
import dev.tutti.hub.Budget;
import dev.tutti.hub.Draft;
import dev.tutti.hub.JoinResult;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Members;
import dev.tutti.hub.Position;
import dev.tutti.hub.Publication;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogs;
import dev.tutti.security.UnavailableException;
import dev.tutti.settings.Settings;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * A room under random schedules of publications, commits, failures of the store, evictions, crashes and stops. What was acknowledged stays,
 * nothing is stored twice, and a client that is told that it has recovered has missed nothing and receives nothing twice.
 */
class DurableLogModelTest {
    private static final int HELD = 8;

    private enum Action {
        PUBLISH,
        PUBLISH_AGAIN,
        RUN,
        COMMIT,
        FAIL,
        FAIL_WITH_EFFECT,
        READ,
        CLEAR,
        WAIT,
        EVICT,
        CRASH,
        STOP
    }

    @Provide
    Arbitrary<List<Action>> actions() {
        return Arbitraries.frequencyOf(
                        Tuple.of(10, Arbitraries.just(Action.PUBLISH)),
                        Tuple.of(3, Arbitraries.just(Action.PUBLISH_AGAIN)),
                        Tuple.of(10, Arbitraries.just(Action.RUN)),
                        Tuple.of(8, Arbitraries.just(Action.COMMIT)),
                        Tuple.of(2, Arbitraries.just(Action.FAIL)),
                        Tuple.of(2, Arbitraries.just(Action.FAIL_WITH_EFFECT)),
                        Tuple.of(4, Arbitraries.just(Action.READ)),
                        Tuple.of(1, Arbitraries.just(Action.CLEAR)),
                        Tuple.of(2, Arbitraries.just(Action.WAIT)),
                        Tuple.of(2, Arbitraries.just(Action.EVICT)),
                        Tuple.of(1, Arbitraries.just(Action.CRASH)),
                        Tuple.of(1, Arbitraries.just(Action.STOP)))
                .list()
                .ofMaxSize(200);
    }

    @Property(tries = 2_000)
    void acknowledgedStaysAndNoGapIsSilent(@ForAll("actions") List<Action> actions) {
        World world = new World();
        actions.forEach(world::take);
        world.end();
    }

    /** One room, its store, and a reader that keeps a connection until something ends it. */
    private static final class World {
        private final TestTime time = new TestTime();
        private final SimulatedStore store = new SimulatedStore(time);
        private final Limits limits =
                Settings.read(Limits.class, name -> name.equals("history") ? "*=" + HELD + "/100000/100000" : null);
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        /** The data of acknowledged publications by offset, since the history was deleted. */
        private final Map<Long, String> acknowledged = new HashMap<>();

        private final Room room = new Room();
        private DurableLogs logs;
        private RoomLog log;
        private int count;
        private int epochs;
        private long clearedTo;
        /** The reader's data by offset: received, and announced as complete. */
        private Map<Long, String> reader = new HashMap<>();

        private @Nullable Position readTo;

        World() {
            start();
        }

        private void start() {
            tasks.clear();
            clearedTo = 0;
            RoomLogs.Context context =
                    new RoomLogs.Context(limits, Budget.of(limits), tasks::add, time, () -> "e" + ++epochs);
            logs = new DurableLogs(store, context, Generation.begin(store, "g" + ++epochs), 0, 0);
            log = logs.open("room", room);
            room.isConnected = false;
        }

        void take(Action action) {
            switch (action) {
                case PUBLISH -> publish("p" + ++count, "k" + count);
                case PUBLISH_AGAIN -> publish("p" + count, "k" + count);
                case RUN -> run();
                case COMMIT -> store.end(Outcome.DONE);
                case FAIL -> store.end(Outcome.FAILED);
                case FAIL_WITH_EFFECT -> store.end(Outcome.FAILED_WITH_EFFECT);
                case READ -> read();
                case CLEAR -> clear();
                case WAIT -> {
                    time.nanos += 5_000_000_000L;
                    synchronized (room) {
                        log.trim(time.nanos);
                    }
                }
                case EVICT -> evict();
                case CRASH -> {
                    store.forgetCalls();
                    start();
                }
                case STOP -> stop();
            }
        }

        private boolean run() {
            Runnable task = tasks.poll();
            if (task != null) {
                task.run();
            }
            return task != null;
        }

        private boolean isPrepared() {
            synchronized (room) {
                try {
                    return log.prepare(null) == null;
                } catch (UnavailableException e) {
                    return false; // it could not be read, and is tried again later
                }
            }
        }

        private void publish(String data, @Nullable String key) {
            if (!isPrepared()) {
                return;
            }
            CompletableFuture<Position> stage;
            synchronized (room) {
                stage = log.append(new Draft(time.millis(), null, data, key, true), time.nanos)
                        .toCompletableFuture();
            }
            var unused = stage.whenComplete((position, failure) -> {
                if (failure == null) {
                    acknowledged(position, data);
                } else {
                    assertThat(failure).isInstanceOf(UnavailableException.class);
                }
            });
        }

        private void acknowledged(Position position, String data) {
            if (position.offset() > clearedTo) {
                acknowledged.put(position.offset(), data);
            }
        }

        /** A reader joins with its last position, and stays. */
        private void read() {
            if (!isPrepared() || room.isConnected) {
                return;
            }
            JoinResult joined;
            synchronized (room) {
                joined = log.joined(readTo, new Members(0, List.of()));
                room.isConnected = true;
            }
            if (!joined.recovered()) {
                reader = new HashMap<>();
                assertThat(joined.messages()).isEmpty();
            }
            readTo = new Position(
                    joined.position().epoch(),
                    joined.position().offset() - joined.messages().size());
            joined.messages().forEach(this::received);
            assertThat(readTo).isEqualTo(joined.position());
            check();
        }

        private void received(Publication publication) {
            assertThat(publication.offset()).isEqualTo(readTo.offset() + 1);
            reader.put(publication.offset(), publication.data());
            readTo = new Position(readTo.epoch(), publication.offset());
        }

        /** Compares the history with the received and the acknowledged publications. */
        private void check() {
            List<Publication> held;
            long last;
            synchronized (room) {
                held = log.latest(HELD).messages();
                last = log.latest(1).position().offset();
            }
            assertThat(held).extracting(Publication::data).doesNotHaveDuplicates();
            for (Publication publication : held) {
                String received = reader.get(publication.offset());
                assertThat(received == null ? publication.data() : received).isEqualTo(publication.data());
            }
            long first = last + 1 - held.size();
            acknowledged.forEach((offset, data) -> {
                assertThat(offset).isLessThanOrEqualTo(last);
                if (offset > last - HELD) {
                    assertThat(first).isLessThanOrEqualTo(offset);
                    assertThat(held.get((int) (offset - first)).data()).isEqualTo(data);
                }
            });
        }

        private void clear() {
            if (!isPrepared()) {
                return;
            }
            synchronized (room) {
                clearedTo = log.latest(1).position().offset();
                var unused = log.clear();
            }
            acknowledged.clear();
        }

        private void evict() {
            synchronized (room) {
                if (!log.isExpendable()) {
                    return;
                }
                log.close();
                log = logs.open("room", room);
            }
            room.isConnected = false;
        }

        /** Stops the server as it stops when the store works. */
        private void stop() {
            settle();
            assertThat(logs.whenStored()).isCompleted();
            Position last = position();
            logs.generation().endClean();
            start();
            isPrepared();
            settle();
            if (last != null && last.offset() > 0) {
                assertThat(position()).isEqualTo(last);
            }
        }

        private Position position() {
            synchronized (room) {
                return isPrepared() ? log.latest(1).position() : null;
            }
        }

        private void settle() {
            for (int round = 0; round < 3; round++) {
                time.nanos += 5_000_000_000L;
                synchronized (room) {
                    log.trim(time.nanos);
                }
                while (run() || store.end(Outcome.DONE)) {}
            }
        }

        void end() {
            settle();
            take(Action.CRASH);
            isPrepared();
            settle();
            assertThat(isPrepared()).isTrue();
            read();
            publish("last", null);
            settle();
            check();
            assertThat(reader).containsValue("last");
            assertThat(acknowledged).containsValue("last");
        }

        /** The room, whose reader receives deliveries while it is connected. */
        private final class Room implements RoomLog.Subscriber {
            private boolean isConnected;

            @Override
            public void requireRoom(int bytes) {}

            @Override
            public void deliverToMembers(Publication publication) {
                if (isConnected) {
                    received(publication);
                }
            }

            @Override
            public void notifyListeners(Publication publication) {}

            @Override
            public void lost() {
                throw new AssertionError("this log is not shared");
            }

            @Override
            public void wake() {}
        }
    }
}
