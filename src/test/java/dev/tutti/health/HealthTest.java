package dev.tutti.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.document.StoreException;
import dev.tutti.hub.Budget;
import dev.tutti.hub.CloseCode;
import dev.tutti.hub.Drain;
import dev.tutti.hub.Hub;
import dev.tutti.hub.Limits;
import dev.tutti.hub.Problem;
import dev.tutti.settings.Settings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final Limits LIMITS = Settings.read(Limits.class, Map.of("memory-budget", "10000000")::get);

    private final FakeClock clock = new FakeClock();
    private final Queue<Runnable> rooms = new ArrayDeque<>();
    private final List<Runnable> timers = new ArrayList<>();
    private final Hub hub = new Hub(LIMITS, "h", rooms::add, 1, clock);
    private final Drain drain = new Drain(hub, (task, nanos) -> timers.add(task), CloseCode.GOING_AWAY);
    private CompletableFuture<Void> store = CompletableFuture.completedFuture(null);
    private @Nullable Problem cluster;
    private final Health health =
            new Health(hub, drain, () -> store, () -> cluster, clock, (task, nanos) -> timers.add(task));

    private Report ready() {
        CompletableFuture<Report> report = health.ready().toCompletableFuture();
        while (!rooms.isEmpty()) {
            rooms.remove().run();
        }
        assertThat(report).isDone();
        return report.join();
    }

    private @Nullable Check down(Report report) {
        List<Check> down =
                report.checks().stream().filter(check -> !check.isUp()).toList();
        assertThat(report.isUp()).isEqualTo(down.isEmpty());
        assertThat(down).hasSizeLessThan(2);
        return down.isEmpty() ? null : down.get(0);
    }

    @Test
    void healthyServerIsReady() {
        Report report = ready();

        assertThat(report.isUp()).isTrue();
        assertThat(report.checks())
                .extracting(Check::name)
                .containsExactly("drain", "rooms", "store", "memory", "cluster");
        assertThat(health.started().isUp()).isTrue();
        assertThat(health.live().isUp()).isTrue();
    }

    @Test
    void serverIsReadyWhileAPartOfTheClusterIsAway() {
        clock.pass(10);
        cluster = new Problem("one of three is away", true);
        Report partial = ready();
        assertThat(partial.isUp()).isTrue();
        assertThat(partial.checks().get(4)).isEqualTo(new Check("cluster", cluster, 10_000));

        clock.pass(10);
        cluster = Problem.ofAll("all are away");
        assertThat(down(ready())).isEqualTo(new Check("cluster", cluster, 20_000));
    }

    @Test
    void failingStoreIsNotReadyUntilItWorks() {
        clock.pass(100);
        store = CompletableFuture.failedFuture(new StoreException("no space is left"));
        assertThat(down(ready())).isEqualTo(new Check("store", Problem.ofAll("no space is left"), 100_000));
        clock.pass(10);
        assertThat(down(ready())).isEqualTo(new Check("store", Problem.ofAll("no space is left"), 100_000));
        assertThat(health.live().isUp()).as("a restart would not help").isTrue();

        store = CompletableFuture.completedFuture(null);
        clock.pass(10);
        Report report = ready();
        assertThat(report.isUp()).isTrue();
        assertThat(report.checks().get(2)).isEqualTo(new Check("store", null, 120_000));
    }

    @Test
    void drainingServerIsNotReady() {
        clock.pass(7);
        var unused = drain.begin(new Drain.Options(5, 2));

        assertThat(down(ready())).isEqualTo(new Check("drain", Problem.ofAll("the server drains"), 7_000));
    }

    @Test
    void fullShareIsNotReady() {
        long limit = hub.budget().limitBytes(Budget.Share.OUTPUT);
        hub.budget().reserve(Budget.Share.OUTPUT, limit * 89 / 100);
        hub.budget().reserve(Budget.Share.HISTORY, hub.budget().limitBytes(Budget.Share.HISTORY));
        assertThat(down(ready())).as("histories fill their share").isNull();

        clock.pass(3);
        hub.budget().reserve(Budget.Share.OUTPUT, limit * 4 / 100);
        health.tick();
        clock.pass(3);
        assertThat(down(ready())).isEqualTo(new Check("memory", Problem.ofAll("nearly used up: output 93 %"), 3_000));
        hub.budget().release(Budget.Share.OUTPUT, limit / 10);
        assertThat(down(ready())).isNull();
    }

    @Test
    void silentStoreIsNotReadyAfterSomeSeconds() {
        store = new CompletableFuture<>();
        CompletableFuture<Report> first = health.ready().toCompletableFuture();
        CompletableFuture<Report> second = health.ready().toCompletableFuture();
        rooms.remove().run();
        assertThat(first).isNotDone();
        assertThat(second).isSameAs(first);
        assertThat(timers).as("one timer for all who ask").hasSize(1);
        timers.remove(0).run();
        assertThat(first.join().isUp()).as("the last known state").isTrue();

        clock.pass(5);
        CompletableFuture<Report> third = health.ready().toCompletableFuture();
        timers.remove(0).run();
        assertThat(third.join().checks().get(2))
                .isEqualTo(new Check("store", Problem.ofAll("no answer for 5 s"), 5_000));
    }

    @Test
    void hangingRoomsAreNotAlive() {
        assertThat(health.live().isUp()).isTrue();
        clock.pass(29);
        assertThat(health.live().isUp()).isTrue();
        clock.pass(1);
        assertThat(down(health.live())).isEqualTo(new Check("rooms", Problem.ofAll("no answer for 30 s"), 30_000));
        while (!rooms.isEmpty()) {
            rooms.remove().run();
        }
        assertThat(health.live().isUp()).isTrue();
    }
}
