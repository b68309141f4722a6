package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.FakeTransport.Mode;
import dev.tutti.security.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How large and busy rooms are, and how much waits for clients. */
class UsageTest {
    private static final long SECOND = 1_000_000_000L;

    private final FakeTime time = new FakeTime();
    private final FakeExecutor executor = new FakeExecutor();
    private final Hub hub = new Hub(TestLimits.with(Map.of("history", "*=3/10000/60")), "h", executor, 4, time);

    private Client join(String room, Mode mode) {
        FakeTransport transport = new FakeTransport(mode, Integer.MAX_VALUE);
        Client client = hub.connect(transport, TestProtocol.ALL_EVENTS, "192.0.2.7", Access.unrestricted(""));
        TestClients.join(client, room);
        return client;
    }

    private List<RoomUsage> rooms() {
        List<RoomUsage> rooms = new ArrayList<>();
        hub.directory().forEachUsage(rooms::add);
        return rooms;
    }

    @Test
    void roomCountsClientsAndRecentPublications() {
        Client first = join("a", Mode.INSIDE);
        for (int i = 0; i < 2 * Shards.FIRST_SHARD_CLIENTS; i++) {
            join("a", Mode.INSIDE);
        }
        for (int i = 0; i < 5; i++) {
            TestClients.publish(first, "a", "1");
        }
        time.passNanos(5 * SECOND);
        hub.tick();
        assertThat(rooms()).containsExactly(new RoomUsage("a", 129, 3, 5, 60));

        first.disconnected();
        time.passNanos(10 * SECOND);
        hub.tick();
        assertThat(rooms()).containsExactly(new RoomUsage("a", 128, 3, 5, 0));
    }

    @Test
    void roomOfAllClientsIsCounted() {
        join(Hub.BROADCAST_ROOM, Mode.INSIDE);

        assertThat(rooms()).containsExactly(new RoomUsage("", 1, 0, 0, 0));
    }

    @Test
    void onlyClientsThatDoNotKeepUpAreSlow() {
        Client slow = join("a", Mode.LATER);
        Client fast = join("b", Mode.INSIDE);
        executor.runAll();
        for (int i = 0; i < 3; i++) {
            TestClients.publish(slow, "a", "1");
            TestClients.publish(fast, "b", "1");
            executor.runAll();
        }
        List<ClientDirectory.Waiting> waiting = new ArrayList<>();
        hub.clientDirectory().forEachWaiting(waiting::add);

        assertThat(waiting)
                .containsExactly(new ClientDirectory.Waiting(
                        slow.id(),
                        slow.user(),
                        "192.0.2.7",
                        "other",
                        slow.outbox().waitingBytes()));
    }
}
