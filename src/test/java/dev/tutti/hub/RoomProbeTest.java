package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RoomProbeTest {
    private final FakeExecutor executor = new FakeExecutor();
    private final Hub hub =
            new Hub(TestLimits.with(Map.of("memory-budget", 1 << 20)), "h", executor, 1, new FakeTime());
    private final RoomProbe probe = hub.probe();

    private CompletableFuture<Void> run() {
        return probe.run().toCompletableFuture();
    }

    @Test
    void publicationArrivesOnceThreadsOfRoomsRun() {
        for (int i = 0; i < 100; i++) {
            CompletableFuture<Void> arrival = run();
            assertThat(arrival).isNotDone();
            executor.runAll();
            assertThat(arrival).isCompleted();
        }
    }

    @Test
    void nobodySeesTheProbe() {
        var unused = run();
        executor.runAll();

        assertThat(hub.roomCount()).isZero();
        assertThat(hub.clientCount()).isZero();
        assertThat(hub.members(RoomProbe.ROOM)).isEmpty();
        assertThat(RoomName.isValid(RoomProbe.ROOM)).isFalse();
        assertThat(hub.budget().usedBytes(Budget.Share.HISTORY)).isZero();
        assertThat(hub.budget().usedBytes(Budget.Share.INPUT)).isZero();
        assertThat(hub.budget().usedBytes(Budget.Share.OUTPUT)).isZero();
    }

    @Test
    void exhaustedInputFailsTheProbe() {
        hub.budget().reserve(Budget.Share.INPUT, 2 << 20);

        assertThat(run()).isCompletedExceptionally();
    }
}
