package dev.tutti.hub;

import static dev.tutti.hub.TestClients.join;
import static dev.tutti.hub.TestClients.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.hub.Budget.Share;
import dev.tutti.hub.FakeTransport.Mode;
import dev.tutti.security.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The memory budget of rooms. */
class HubMemoryTest {
    private final FakeExecutor executor = new FakeExecutor();

    private Hub hub(Map<String, ?> limits) {
        return new Hub(TestLimits.with(limits), "h", executor, 2, new FakeTime());
    }

    private static Client member(Hub hub, FakeTransport transport, String room) {
        Client client = hub.connect(transport, TestProtocol.PUBLICATIONS, "", Access.unrestricted(""));
        join(client, room);
        return client;
    }

    private static FakeTransport healthy() {
        return new FakeTransport(Mode.INSIDE, Integer.MAX_VALUE);
    }

    private static FakeTransport stalled() {
        return new FakeTransport(Mode.LATER, Integer.MAX_VALUE);
    }

    private static Subscription subscription(Client client, String room) {
        Subscription subscription = client.memberships().get(room);
        assertThat(subscription).isNotNull();
        return subscription;
    }

    @Test
    void largestHolderIsEvictedOthersStay() {
        Hub hub = hub(Map.of("memory-budget", 400_000, "max-messages-per-second", 0));
        FakeTransport slow = stalled();
        FakeTransport slightlySlow = stalled();
        FakeTransport healthy = healthy();
        member(hub, slow, "large");
        Client publisher = member(hub, healthy, "large");
        Client other = member(hub, slightlySlow, "small");
        for (int i = 0; i < 2; i++) {
            publish(other, "small", "\"x\"");
            executor.runAll();
        }
        int published = 0;
        while (slow.closedWith() == null && published < 60) {
            publish(publisher, "large", '"' + "x".repeat(1_000) + '"');
            executor.runAll();
            published++;
        }

        assertThat(slow.closedWith()).isEqualTo(CloseCode.TRY_LATER);
        assertThat(published * 3_000).isLessThan(85_000); // at three quarters, before the share of 100,000 is full
        assertThat(hub.breaches().total(LimitBreach.MEMORY)).isOne();
        assertThat(healthy.closedWith()).isNull();
        assertThat(slightlySlow.closedWith()).isNull();
        assertThat(hub.budget().usedBytes(Share.OUTPUT)).isLessThan(1_000);
    }

    @Test
    void sharedBatchIsCountedOnce() {
        Hub hub = hub(Map.of());
        List<FakeTransport> slow = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            slow.add(stalled());
            member(hub, slow.get(i), "a");
        }
        Client publisher = member(hub, healthy(), "a");
        executor.runAll(); // members that join in a run get batches of their own in it
        publish(publisher, "a", "\"" + "x".repeat(998) + "\"");
        executor.runAll();

        assertThat(hub.budget().usedBytes(Share.OUTPUT)).isBetween(2_000L, 4_000L);
        slow.forEach(FakeTransport::complete);
        assertThat(hub.budget().usedBytes(Share.OUTPUT)).isZero();
    }

    @Test
    void endedClientHoldsNothing() {
        Hub hub = hub(Map.of());
        Client client = member(hub, stalled(), "a");
        for (int i = 0; i < 3; i++) {
            publish(client, "a", "\"x\"");
            executor.runAll();
        }
        assertThat(hub.budget().usedBytes(Share.OUTPUT)).isPositive();
        client.disconnected();
        assertThat(hub.budget().usedBytes(Share.OUTPUT)).isZero();
    }

    @Test
    void publisherIsRefusedWhenMailboxesAreFull() {
        Hub hub = hub(Map.of("memory-budget", 40_000, "max-messages-per-second", 0));
        Client first = member(hub, healthy(), "a");
        Client second = member(hub, healthy(), "b");
        String data = '"' + "x".repeat(4_000) + '"';
        subscription(first, "a").publish(data, null, false);
        subscription(first, "a").publish(data, null, false);
        assertThatThrownBy(() -> subscription(second, "b").publish(data, null, false))
                .isInstanceOfSatisfying(
                        LimitException.class, e -> assertThat(e.breach()).isEqualTo(LimitBreach.MEMORY));

        executor.runAll();
        subscription(second, "b").publish(data, null, false);
        executor.runAll();
        assertThat(hub.budget().usedBytes(Share.INPUT)).isZero();
    }

    @Test
    void latePublicationInARemovedRoomIsNotRetained() {
        Hub hub = hub(Map.of());
        Client client = member(hub, healthy(), "a");
        Subscription subscription = subscription(client, "a");
        client.disconnected();
        assertThat(hub.roomCount()).isZero();

        subscription.publish("\"late\"", null, false);
        assertThat(hub.budget().usedBytes(Share.HISTORY)).isZero();
    }

    @Test
    void stateIsLimitedInBytesAndCounted() {
        Hub hub = hub(Map.of("max-state-bytes", 10));
        Client client = member(hub, healthy(), "a");
        subscription(client, "a").setState("\"äöü\"");
        assertThat(hub.budget().usedBytes(Share.INPUT)).isEqualTo(8);
        assertThatThrownBy(() -> subscription(client, "a").setState("\"äöüäö\""))
                .isInstanceOf(LimitException.class);

        executor.runAll();
        client.disconnected();
        executor.runAll();
        assertThat(hub.budget().usedBytes(Share.INPUT)).isZero();
    }

    @Test
    void smallStatesUseTheReserve() {
        Hub hub = hub(Map.of("memory-budget", 1_000_000));
        Client client = member(hub, healthy(), "a");
        hub.budget().reserve(Share.INPUT, hub.budget().limitBytes(Share.INPUT)); // by others
        subscription(client, "a").setState("\"here\"");

        hub.budget().reserve(Share.INPUT, hub.budget().limitBytes(Share.INPUT) / 4);
        assertThatThrownBy(() -> subscription(client, "a").setState("\"nearby\""))
                .isInstanceOfSatisfying(
                        LimitException.class, e -> assertThat(e.breach()).isEqualTo(LimitBreach.MEMORY));
    }

    @Test
    void publicationsCountTheMemoryOfTheirText() {
        assertThat(new Publication(1, 0, null, "\"ab\"").bytes()).isEqualTo(Publication.OVERHEAD_BYTES + 4);
        assertThat(new Publication(1, 0, null, "\"a€\"").bytes()).isEqualTo(Publication.OVERHEAD_BYTES + 8);
    }

    @Test
    void failingTransportClosesItsClientAlone() {
        Hub hub = hub(Map.of());
        FakeTransport failing = healthy();
        failing.onFirstSend(() -> {
            throw new IllegalStateException("on purpose");
        });
        member(hub, failing, "a");
        FakeTransport healthy = healthy();
        Client client = member(hub, healthy, "a");
        publish(client, "a", "\"x\"");
        executor.runAll();

        assertThat(healthy.sent()).containsExactly("\"x\"");
        assertThat(hub.clientCount()).isOne();
    }

    @Test
    void clientThatRejoinsFollowsItsLeave() {
        Hub hub = hub(Map.of("max-messages-per-second", 0));
        FakeTransport transport = healthy();
        Client client = member(hub, transport, "a");
        List<Client> others = new ArrayList<>();
        for (int i = 0; i <= Shards.FIRST_SHARD_CLIENTS; i++) {
            others.add(member(hub, healthy(), "a"));
        }
        executor.runAll();
        Client last = others.get(Shards.FIRST_SHARD_CLIENTS);
        subscription(last, "a").members(members -> Frame.text("members")); // its shard runs first
        publish(others.get(0), "a", "\"m\"");
        client.memberships().leave("a", () -> Frame.text("left"));
        client.memberships().join("a", null, null, joined -> Frame.text("joined"));
        executor.runAll();

        assertThat(transport.sent()).containsExactly("\"m\"", "left", "joined");
    }
}
