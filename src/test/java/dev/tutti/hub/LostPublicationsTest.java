package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.FakeTransport.Mode;
import dev.tutti.security.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rooms whose log has lost publications. */
class LostPublicationsTest {
    private static final Protocol WITH_REMOVED = new Protocol() {
        @Override
        public @Nullable Frame encode(String room, RoomEvent event) {
            return TestProtocol.PUBLICATIONS.encode(room, event);
        }

        @Override
        public boolean receivesPresence() {
            return false;
        }

        @Override
        public Frame removed(String room, Removal removal) {
            return Frame.text("removed: " + removal);
        }
    };

    private final List<DeferredLog> logs = new ArrayList<>();
    private final FakeExecutor executor = new FakeExecutor();
    private final FakeTime time = new FakeTime();
    private final Limits limits = TestLimits.with(Map.of("max-messages-per-second", 0));
    private final Hub hub = new Hub(limits, "h", executor, 2, time, Metrics.NONE, this::logs);

    private RoomLog.Factory logs(RoomLogs.Context context) {
        return (room, subscriber) -> {
            DeferredLog log = new DeferredLog("e", RoomLogContract.RULE, context.budget(), subscriber);
            logs.add(log);
            return log;
        };
    }

    private static FakeTransport transport() {
        return new FakeTransport(Mode.INSIDE, Integer.MAX_VALUE);
    }

    private Client connect(FakeTransport transport, Protocol protocol) {
        return hub.connect(transport, protocol, "", Access.unrestricted(""));
    }

    private static boolean join(Client client, @Nullable Position since) {
        return client.memberships()
                .join(
                        "a",
                        since,
                        null,
                        joined -> Frame.text("joined at " + joined.position().offset()));
    }

    private void publish(String data) {
        var unused = hub.publish("a", data, null);
        logs.get(0).commit();
    }

    private void lose() {
        Room room = hub.rooms().get("a");
        synchronized (room) {
            room.lost();
        }
        room.wake();
    }

    @Test
    void memberReceivesNothingUntilItHasJoinedAgain() {
        FakeTransport transport = transport();
        Client client = connect(transport, WITH_REMOVED);
        join(client, null);
        publish("1");
        lose();
        publish("2");
        executor.runAll();
        assertThat(transport.sent()).containsExactly("joined at 0", "1", "removed: LOST");

        assertThat(join(client, null)).isTrue();
        publish("3");
        executor.runAll();
        assertThat(transport.sent()).endsWith("joined at 2", "3");
    }

    @Test
    void clientThatJoinsLaterIsUnaffected() {
        FakeTransport transport = transport();
        Client first = connect(transport(), WITH_REMOVED);
        join(first, null);
        lose();
        join(connect(transport, WITH_REMOVED), null);
        publish("1");
        executor.runAll();

        assertThat(transport.sent()).containsExactly("joined at 0", "1");
        assertThat(first.memberships().isEmpty()).isTrue();
    }

    @Test
    void clientOfAProtocolWithoutRejoinIsClosed() {
        FakeTransport transport = transport();
        Client client = connect(transport, TestProtocol.PUBLICATIONS);
        client.memberships().join("a", null, null, null);
        lose();
        publish("1");
        executor.runAll();

        assertThat(transport.closedWith()).isEqualTo(CloseCode.GOING_AWAY);
        assertThat(transport.sent()).isEmpty();
    }

    @Test
    void observerLearnsThatEventsAreMissing() {
        List<String> events = new ArrayList<>();
        Observation observation = hub.observe(
                "a",
                new RoomListener() {
                    @Override
                    public void published(Publication publication) {
                        events.add(publication.data());
                    }

                    @Override
                    public void eventsDropped() {
                        events.add("dropped");
                    }
                },
                executor);
        publish("1");
        lose();
        publish("2");
        executor.runAll();
        observation.close();

        assertThat(events).containsExactly("1", "dropped", "2");
    }
}
