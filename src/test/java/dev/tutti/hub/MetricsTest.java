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
        public void connectionOpened() {
            calls.add("opened");
        }

        @Override
        public void connectionClosed(@Nullable CloseCode code) {
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
        public void delivered(long frames, long bytes) {
            calls.add("delivered " + frames + " of " + bytes);
        }
    };

    private Client connect(Hub hub) {
        return hub.connect(
                new FakeTransport(Mode.INSIDE, Integer.MAX_VALUE),
                TestProtocol.PUBLICATIONS,
                "",
                Access.unrestricted(""));
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

        assertThat(calls).containsExactlyInAnyOrder("published 2 of 260", "delivered 128 of 512", "delivered 2 of 8");
    }
}
