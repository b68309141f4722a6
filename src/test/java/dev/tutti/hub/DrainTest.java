package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.security.Access;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DrainTest {
    private static final long MILLI = 1_000_000L;

    /** Has a frame that asks to reconnect. */
    private static final Protocol WITH_RECONNECT = new Protocol() {
        @Override
        public @Nullable Frame encode(String room, RoomEvent event) {
            return null;
        }

        @Override
        public boolean receivesPresence() {
            return false;
        }

        @Override
        public Frame reconnect(long afterMillis) {
            return Frame.text("reconnect " + afterMillis);
        }
    };

    private final FakeTime time = new FakeTime();
    private final FakeExecutor executor = new FakeExecutor();
    private final Timers timers = new Timers();
    private final Hub hub = new Hub(TestLimits.with(Map.of()), "h", executor, 1, time);
    private final Drain drain = new Drain(hub, timers, CloseCode.SERVICE_RESTART);

    /** Tasks that wait for their time. */
    private final class Timers implements Timer {
        private record Task(Runnable task, long atNanos) {}

        private final PriorityQueue<Task> tasks = new PriorityQueue<>(Comparator.comparingLong(Task::atNanos));

        @Override
        public void schedule(Runnable task, long delayNanos) {
            tasks.add(new Task(task, time.nanos() + delayNanos));
        }

        void runDue() {
            while (!tasks.isEmpty() && tasks.peek().atNanos <= time.nanos()) {
                tasks.remove().task.run();
            }
        }
    }

    private void pass(long millis) {
        for (long i = 0; i < millis; i++) {
            executor.runAll();
            time.passNanos(MILLI);
            timers.runDue();
            executor.runAll();
        }
    }

    private List<FakeTransport> connect(int count, Protocol protocol) {
        List<FakeTransport> transports = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            FakeTransport transport = new FakeTransport(FakeTransport.Mode.INSIDE, 100);
            hub.connect(transport, protocol, "", Access.unrestricted(""));
            transports.add(transport);
        }
        return transports;
    }

    private CompletableFuture<Void> begin(int seconds, int graceSeconds) {
        CompletionStage<Void> done = drain.begin(new Drain.Options(seconds, graceSeconds));
        executor.runAll();
        return done.toCompletableFuture();
    }

    private static long closed(List<FakeTransport> transports) {
        return transports.stream()
                .filter(transport -> transport.closedWith() != null)
                .count();
    }

    @Test
    void clientsWithoutTheFrameCloseOneByOne() {
        List<FakeTransport> plain = connect(200, TestProtocol.PUBLICATIONS);
        CompletableFuture<Void> done = begin(4, 0);

        for (int fifth = 1; fifth <= 20; fifth++) {
            pass(200);
            assertThat(closed(plain)).isBetween(10L * fifth - 1, 10L * fifth);
        }
        pass(20);

        assertThat(plain).extracting(FakeTransport::closedWith).containsOnly(CloseCode.SERVICE_RESTART);
        assertThat(done).isDone();
        assertThat(drain.phase()).isEqualTo(Drain.Phase.DONE);
    }

    @Test
    void clientsWithTheFrameLearnTheirTimesAtOnce() {
        List<FakeTransport> modern = connect(10, WITH_RECONNECT);
        var unused = begin(5, 0);

        assertThat(modern)
                .extracting(transport -> transport.sent().get(0))
                .containsExactlyInAnyOrder(
                        "reconnect 250",
                        "reconnect 750",
                        "reconnect 1250",
                        "reconnect 1750",
                        "reconnect 2250",
                        "reconnect 2750",
                        "reconnect 3250",
                        "reconnect 3750",
                        "reconnect 4250",
                        "reconnect 4750");
        assertThat(closed(modern)).isZero();
    }

    @Test
    void clientThatStaysIsClosedTwoSecondsLater() {
        FakeTransport stays = connect(1, WITH_RECONNECT).get(0);
        CompletableFuture<Void> done = begin(2, 0);

        assertThat(stays.sent()).containsExactly("reconnect 1000");
        pass(2_990);
        assertThat(stays.closedWith()).isNull();
        pass(20);
        assertThat(stays.closedWith()).isEqualTo(CloseCode.SERVICE_RESTART);
        assertThat(done).isDone();
    }

    @Test
    void graceServesAsEver() {
        List<FakeTransport> plain = connect(2, TestProtocol.PUBLICATIONS);
        var unused = begin(2, 3);
        assertThat(drain.phase()).isEqualTo(Drain.Phase.GRACE);
        assertThat(drain.sinceMillis()).isEqualTo(time.millis());

        pass(2_990);
        assertThat(hub.refusesConnections()).isFalse();
        List<FakeTransport> late = connect(1, TestProtocol.PUBLICATIONS);
        assertThat(closed(late)).isZero();
        pass(10);
        assertThat(hub.refusesConnections()).isTrue();
        assertThat(closed(plain)).isZero();
        assertThat(closed(connect(1, WITH_RECONNECT))).isOne();
        pass(2_020);
        assertThat(closed(plain) + closed(late)).isEqualTo(3);
    }

    @Test
    void drainEndsWithItsLastClient() {
        Client client = hub.connect(
                new FakeTransport(FakeTransport.Mode.INSIDE, 1), WITH_RECONNECT, "", Access.unrestricted(""));
        CompletableFuture<Void> done = begin(60, 0);

        client.disconnected();
        pass(10);

        assertThat(done).isDone();
    }

    @Test
    void drainWithoutClientsHasNoGrace() {
        assertThat(begin(5, 60)).isDone();
        assertThat(hub.refusesConnections()).isTrue();
    }

    @Test
    void secondDrainJoinsTheFirst() {
        List<FakeTransport> plain = connect(1, TestProtocol.PUBLICATIONS);
        CompletableFuture<Void> first = begin(2, 0);
        CompletableFuture<Void> second = begin(60, 60);
        pass(1_010);

        assertThat(closed(plain)).isOne();
        assertThat(second).isSameAs(first).isDone();
    }

    @Test
    void zeroSecondsCloseAllAtOnce() {
        List<FakeTransport> all = connect(3, WITH_RECONNECT);
        all.addAll(connect(3, TestProtocol.PUBLICATIONS));

        assertThat(begin(0, 0)).isDone();
        assertThat(closed(all)).isEqualTo(6);
    }
}
