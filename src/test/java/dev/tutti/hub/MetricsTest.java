package dev.tutti.hub;

import static dev.tutti.hub.TestClients.join;
import static dev.tutti.hub.TestClients.publish;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.FakeTransport.Mode;
import dev.tutti.security.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final FakeExecutor executor = new FakeExecutor();
    private final List<String> calls = new ArrayList<>();

    private final Metrics metrics = new Metrics() {
        @Override
        public void connectionOpened(Protocol protocol) {
            calls.add("opened");
        }

        @Override
        public void connectionClosed(Protocol protocol, @Nullable CloseCode code) {
            calls.add("closed " + code);
        }

        @Override
        public void limitBreached(LimitBreach breach) {
            calls.add("breached " + breach);
        }

        @Override
        public void published(int count, long bytes) {
            calls.add("published " + count + " of " + bytes);
        }

        @Override
        public void delivered(Protocol protocol, long publications) {
            calls.add("delivered " + publications);
        }

        @Override
        public void sent(long frames, long bytes) {
            calls.add("sent " + frames + " of " + bytes);
        }

        @Override
        public void messageReceived(Protocol protocol) {
            calls.add("received");
        }

        @Override
        public void membersAdded(int memberships) {
            calls.add("members " + memberships);
        }

        @Override
        public void recovery(boolean recovered) {
            calls.add("recovery " + recovered);
        }

        @Override
        public void clientEvicted() {
            calls.add("evicted");
        }

        @Override
        public void publishTook(long nanos) {
            calls.add("publish " + nanos);
        }

        @Override
        public void roomRunTook(long nanos) {
            calls.add("run " + nanos);
        }

        @Override
        public void listenerRunTook(long nanos) {
            calls.add("listener " + nanos);
        }
    };

    private final FakeTime time = new FakeTime();

    private Hub hub(Map<String, Integer> limits) {
        return new Hub(TestLimits.with(limits), "h", executor, 2, time, metrics);
    }

    private Client connect(Hub hub) {
        return connect(hub, TestProtocol.PUBLICATIONS, Mode.INSIDE);
    }

    private static Client connect(Hub hub, Protocol protocol, Mode mode) {
        return hub.connect(new FakeTransport(mode, Integer.MAX_VALUE), protocol, "", Access.unrestricted(""));
    }

    @Test
    void connectionIsCountedOnce() {
        Hub hub = new Hub(TestLimits.with(Map.of("max-connections", 2)), "h", executor, 1, new FakeTime(), metrics);
        Client client = connect(hub);
        connect(hub).close(CloseCode.NORMAL, "");
        client.disconnected();
        client.disconnected();

        assertThat(calls).containsExactly("opened", "opened", "closed NORMAL", "closed null");
    }

    @Test
    void breachIsCountedBeforeTheClose() {
        Hub hub = new Hub(TestLimits.with(Map.of("max-connections", 1)), "h", executor, 1, new FakeTime(), metrics);
        connect(hub);
        connect(hub);

        assertThat(calls).containsExactly("opened", "opened", "breached CONNECTIONS", "closed TRY_LATER");
        assertThat(hub.breaches().total(LimitBreach.CONNECTIONS)).isOne();
    }

    @Test
    void runIsCountedAtItsEnd() {
        Hub hub = new Hub(TestLimits.defaults(), "h", executor, 2, new FakeTime(), metrics);
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i <= Shards.FIRST_SHARD_CLIENTS; i++) { // two shards
            clients.add(connect(hub));
            join(clients.get(i), "a");
        }
        executor.runAll();
        calls.clear();
        publish(clients.get(0), "a", "12");
        publish(clients.get(0), "a", "34");
        executor.runAll();

        assertThat(calls)
                .containsExactlyInAnyOrder(
                        "published 2 of 260",
                        "delivered 128",
                        "sent 128 of 512",
                        "delivered 2",
                        "sent 2 of 8",
                        "run 0",
                        "run 0",
                        "publish 0",
                        "publish 0");
    }

    @Test
    void memberWithEventsOfItsOwnGetsTheSameCounts() {
        Hub hub = hub(Map.of());
        Client first = connect(hub);
        Client second = connect(hub);
        join(first, "a");
        executor.runAll();
        calls.clear();
        publish(first, "a", "1");
        join(second, "a");
        publish(first, "a", "2");
        executor.runAll();

        assertThat(calls)
                .containsExactly(
                        "members 1",
                        "delivered 2",
                        "delivered 1",
                        "published 2 of 258",
                        "sent 3 of 9",
                        "run 0",
                        "publish 0");
    }

    @Test
    void presenceIsSentAndNotDelivered() {
        Hub hub = hub(Map.of());
        join(connect(hub, TestProtocol.ALL_EVENTS, Mode.INSIDE), "a");
        executor.runAll();
        calls.clear();
        join(connect(hub, TestProtocol.PUBLICATIONS, Mode.INSIDE), "a");
        executor.runAll();

        assertThat(calls).containsExactly("opened", "members 1", "sent 1 of 6", "run 0");
    }

    @Test
    void latencyIsThatOfTheEarliestEvent() {
        Hub hub = hub(Map.of());
        Client client = connect(hub);
        join(client, "a");
        executor.runAll();
        calls.clear();
        publish(client, "a", "1");
        time.passNanos(5);
        publish(client, "a", "2");
        time.passNanos(2);
        executor.runAll();

        assertThat(calls).contains("publish 7", "run 0");
    }

    @Test
    void framesForOneClientAreCountedToo() {
        Hub hub = hub(Map.of());
        Client client = connect(hub);
        calls.clear();
        client.send(Frame.text("abc"));
        client.reply(List.of(Frame.text("de"), Frame.text("f")));

        assertThat(calls).containsExactly("sent 1 of 5", "sent 2 of 7");
    }

    @Test
    void messageAboveTheRateIsNotReceived() {
        Hub hub = hub(Map.of("max-messages-per-second", 1, "max-message-burst", 1));
        Client client = connect(hub);
        calls.clear();

        assertThat(client.countMessage(1)).isNull();
        assertThat(client.countMessage(1)).isEqualTo(LimitBreach.MESSAGE_RATE);
        assertThat(calls).containsExactly("received");
    }

    @Test
    void membershipsEndWithTheClient() {
        Hub hub = hub(Map.of());
        Client client = connect(hub);
        join(client, "a");
        join(client, "b");
        join(client, "c");
        client.memberships().leave("c", () -> Frame.text(""));
        client.disconnected();

        assertThat(calls)
                .containsSubsequence("members 1", "members 1", "members 1", "members -1", "members -2", "closed null");
    }

    @Test
    void recoveryIsCountedWithItsResult() {
        Hub hub = hub(Map.of());
        Client client = connect(hub);
        join(client, "a");
        publish(client, "a", "1");
        List<Position> position = new ArrayList<>();
        Client second = connect(hub);
        second.memberships().join("a", null, null, result -> {
            position.add(result.position());
            return Frame.text("");
        });
        executor.runAll();
        calls.clear();
        connect(hub).memberships().join("a", position.get(0), null, result -> Frame.text(""));
        connect(hub).memberships().join("a", new Position("other", 1), null, result -> Frame.text(""));

        assertThat(calls).containsSubsequence("recovery true", "recovery false");
    }

    @Test
    void clientThatIsClosedForOutputMemoryIsEvicted() {
        Hub hub = hub(Map.of("memory-budget", 1_000_000, "max-queued-bytes", 0));
        Client slow = connect(hub, TestProtocol.PUBLICATIONS, Mode.LATER);
        for (int i = 0; i < 5; i++) {
            slow.send(Frame.text("x".repeat(15_000)));
        }
        executor.runAll();

        assertThat(calls).contains("evicted", "closed TRY_LATER");
        assertThat(hub.waitingBytes()).isZero();
    }

    @Test
    void listenersRunIsTimed() {
        Hub hub = hub(Map.of());
        hub.observe(
                "a",
                new RoomListener() {
                    @Override
                    public void published(Publication publication) {
                        time.passNanos(3);
                    }
                },
                executor);
        var unused = hub.publish("a", "1", null);
        executor.runAll();

        assertThat(calls).contains("listener 3").doesNotContain("publish 0");
    }

    @Test
    void bytesThatWaitAreThoseOfEachClient() {
        Hub hub = hub(Map.of());
        for (int i = 0; i < 2; i++) {
            Client slow = connect(hub, TestProtocol.PUBLICATIONS, Mode.LATER);
            slow.send(Frame.text("in flight"));
            slow.send(Frame.text("123"));
        }

        assertThat(hub.waitingBytes()).isEqualTo(10);
    }
}
