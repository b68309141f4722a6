package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.event.Events;
import dev.tutti.hub.FakeTransport.Mode;
import dev.tutti.security.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Rooms on a log whose appends and deliveries are separate steps. */
class DeferredLogTest implements RoomLogContract {
    private final Budget budget = new Budget(1_000_000);
    private final List<DeferredLog> logs = new ArrayList<>();
    private final FakeExecutor executor = new FakeExecutor();
    private final FakeTime time = new FakeTime();

    @Override
    public DeferredLog open(RoomLog.Subscriber subscriber) {
        DeferredLog log = new DeferredLog("e", RULE, budget, subscriber);
        logs.add(log);
        return log;
    }

    @Override
    public void complete() {
        logs.forEach(log -> {
            while (log.commit()) {}
        });
    }

    private final Limits limits = TestLimits.with(Map.of("max-messages-per-second", 0));
    private final Hub hub = new Hub(limits, "h", executor, 2, time);
    private final Room room = new Room(
            "a",
            (name, subscriber) -> open(subscriber),
            new RoomContext(limits, executor, 2, time, budget, Metrics.NONE, new Events()));

    private FakeTransport enter(Position since) {
        FakeTransport transport = new FakeTransport(Mode.INSIDE, Integer.MAX_VALUE);
        Client client = hub.connect(transport, TestProtocol.PUBLICATIONS, "", Access.unrestricted(""));
        room.enter(
                client,
                true,
                since,
                null,
                joined -> Frame.text("joined "
                        + joined.messages().stream().map(Publication::data).toList()));
        return transport;
    }

    private CompletableFuture<Position> publish(String data) {
        return room.publish(null, data, null, true, false).toCompletableFuture();
    }

    @Test
    void commitDeliversAndAcknowledges() {
        FakeTransport member = enter(new Position("e", 0));
        CompletableFuture<Position> appended = publish("1");
        executor.runAll();
        assertThat(appended).isNotDone();
        assertThat(member.sent()).containsExactly("joined []");

        logs.get(0).commit();
        executor.runAll();
        assertThat(appended).isCompletedWithValue(new Position("e", 1));
        assertThat(member.sent()).containsExactly("joined []", "1");
    }

    @Test
    void publicationsOfOtherNodesKeepTheLogsOrder() {
        FakeTransport member = enter(new Position("e", 0));
        CompletableFuture<Position> appended = publish("local");
        logs.get(0).deliver(new Draft(0, null, "remote", null, true), time.nanos());
        logs.get(0).commit();
        executor.runAll();

        assertThat(appended).isCompletedWithValue(new Position("e", 2));
        assertThat(member.sent()).containsExactly("joined []", "remote", "local");
    }

    @Test
    void joinDuringAnAppendMissesNothing() {
        CompletableFuture<Position> first = publish("1");
        logs.get(0).commit();
        CompletableFuture<Position> second = publish("2");
        FakeTransport member = enter(new Position("e", 0));
        logs.get(0).commit();
        FakeTransport late = enter(new Position("e", 1));
        executor.runAll();

        assertThat(member.sent()).containsExactly("joined [1]", "2");
        assertThat(late.sent()).containsExactly("joined [2]");
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
    }

    @Test
    void failedAppendIsNotDelivered() {
        FakeTransport member = enter(new Position("e", 0));
        CompletableFuture<Position> appended = publish("1");
        logs.get(0).fail(new IllegalStateException("on purpose"));
        executor.runAll();

        assertThat(appended).isCompletedExceptionally();
        assertThat(member.sent()).containsExactly("joined []");
    }
}
