package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.hub.FakeTransport.Mode;
import dev.tutti.security.Access;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The history of rooms, their presence, and requests about both. */
class RoomHistoryTest {
    private static final long SECOND = 1_000_000_000L;

    private final FakeTime time = new FakeTime();
    private final FakeExecutor executor = new FakeExecutor();

    private Hub hub(Map<String, ?> limits) {
        return new Hub(TestLimits.with(limits), "h", executor, 2, time);
    }

    private static FakeTransport transport() {
        return new FakeTransport(Mode.INSIDE, Integer.MAX_VALUE);
    }

    private static Client client(Hub hub, FakeTransport transport) {
        return hub.connect(transport, TestProtocol.ALL_EVENTS, "", Access.unrestricted(""));
    }

    /** Joins a room; the returned list gets the result when the hub has run. */
    private static List<JoinResult> join(Client client, String room, @Nullable Position since) {
        List<JoinResult> results = new ArrayList<>();
        assertThat(client.memberships().join(room, since, null, joined -> {
                    results.add(joined);
                    return Frame.text("joined");
                }))
                .isTrue();
        return results;
    }

    private static Subscription subscription(Client client, String room) {
        Subscription subscription = client.memberships().get(room);
        assertThat(subscription).isNotNull();
        return subscription;
    }

    private static Position publish(Client client, String room, String data, @Nullable String key) {
        return subscription(client, room)
                .publish(data, key, false)
                .toCompletableFuture()
                .join();
    }

    @Test
    void emptyRoomExistsUntilItsHistoryExpires() {
        Hub hub = hub(Map.of("history", "*=10/10000/60"));
        Client first = client(hub, transport());
        join(first, "a", null);
        Position published = publish(first, "a", "1", null);
        first.disconnected();

        time.passNanos(59 * SECOND);
        hub.tick();
        assertThat(hub.roomCount()).isEqualTo(1);
        Client second = client(hub, transport());
        List<JoinResult> results = join(second, "a", new Position(published.epoch(), 0));
        executor.runAll();
        assertThat(results.get(0).recovered()).isTrue();
        assertThat(results.get(0).messages()).hasSize(1);
        second.disconnected();

        time.passNanos(6 * SECOND);
        hub.tick();
        assertThat(hub.roomCount()).isZero();
        List<JoinResult> later = join(client(hub, transport()), "a", published);
        executor.runAll();
        assertThat(later.get(0).recovered()).isFalse(); // another room, although nothing was published since
        assertThat(later.get(0).position().epoch()).isNotEqualTo(published.epoch());
    }

    @Test
    void historyExpiresWhileTheRoomStays() {
        Hub hub = hub(Map.of("history", "*=10/10000/60", "ping-seconds", 0, "vanished-seconds", 0));
        Client client = client(hub, transport());
        join(client, "a", null);
        Position published = publish(client, "a", "1", null);

        time.passNanos(61 * SECOND);
        hub.tick();
        List<JoinResult> results = join(client(hub, transport()), "a", new Position(published.epoch(), 0));
        List<JoinResult> upToDate = join(client(hub, transport()), "a", published);
        executor.runAll();
        assertThat(results.get(0).recovered()).isFalse();
        assertThat(results.get(0).earliest()).isEqualTo(2);
        assertThat(upToDate.get(0).recovered()).isTrue(); // nothing was missed, and the offset proves it
    }

    @Test
    void earliestEmptyRoomMakesWayForANewOne() {
        Hub hub = hub(Map.of("max-rooms", 3));
        Client client = client(hub, transport());
        for (String room : List.of("a", "b", "c")) {
            join(client, room, null);
            publish(client, room, "1", null);
        }
        assertThatThrownBy(() -> join(client, "d", null)).isInstanceOf(LimitException.class); // all rooms have members

        for (String room : List.of("b", "a")) {
            assertThat(client.memberships().leave(room, () -> Frame.text("left")))
                    .isTrue();
        }
        join(client, "d", null); // instead of b
        List<JoinResult> a = join(client, "a", null);
        executor.runAll();
        assertThat(a.get(0).position().offset()).isEqualTo(1);
        assertThat(hub.roomCount()).isEqualTo(3);
    }

    @Test
    void historiesOfAllRoomsAreLimitedTogether() {
        Hub hub = hub(Map.of("max-history-bytes", 10_000, "max-messages-per-second", 0));
        Client client = client(hub, transport());
        join(client, "idle", null);
        publish(client, "idle", "x".repeat(3_000), null);
        Position idle = publish(client, "idle", "x".repeat(3_000), null);
        client.memberships().leave("idle", () -> Frame.text("left"));
        join(client, "busy", null);
        for (int i = 0; i < 20; i++) {
            publish(client, "busy", "x".repeat(1_000), null);
        }
        List<JoinResult> busy = join(client(hub, transport()), "busy", null);
        executor.runAll();
        assertThat(busy.get(0).earliest()).isEqualTo(18); // 3 × 1,128 and 2 × 3,128 are below 10,000

        time.passNanos(5 * SECOND);
        hub.tick(); // drops the idle history, so that the busy one is kept
        List<JoinResult> back = join(client, "idle", idle);
        executor.runAll();
        assertThat(back.get(0).recovered()).isFalse();
    }

    @Test
    void keyOfAUserIsPublishedOnce() {
        Hub hub = hub(Map.of());
        FakeTransport transport = transport();
        Client before = hub.connect(transport(), TestProtocol.ALL_EVENTS, "", Access.unrestricted("ann"));
        Client after = hub.connect(transport(), TestProtocol.ALL_EVENTS, "", Access.unrestricted("ann"));
        Client other = hub.connect(transport, TestProtocol.ALL_EVENTS, "", Access.unrestricted("bob"));
        join(before, "a", null);
        join(after, "a", null);
        join(other, "a", null);

        Position first = publish(before, "a", "1", "k");
        assertThat(publish(after, "a", "1", "k")).isEqualTo(first);
        assertThat(publish(other, "a", "2", "k").offset()).isEqualTo(2);
        executor.runAll();
        assertThat(transport.sent()).containsExactly("joined", "1 1", "2 2");
    }

    @Test
    void requestsOfASlowReaderAreRefusedNotClosed() {
        Hub hub = hub(Map.of("max-queued-bytes", 10_000));
        FakeTransport slow = new FakeTransport(Mode.LATER, 1);
        Client client = client(hub, slow);
        join(client, "a", null);
        executor.runAll();
        while (slow.complete()) {}
        for (int i = 0; i < 5; i++) {
            publish(client, "a", "x".repeat(3_000), null);
            executor.runAll();
            while (slow.complete()) {}
        }

        for (int i = 0; i < 1; i++) {
            subscription(client, "a").latest(100, page -> Frame.text("x".repeat(16_000)));
        }
        executor.runAll();
        assertThatThrownBy(() -> subscription(client, "a").latest(100, page -> Frame.text("x")))
                .isInstanceOfSatisfying(
                        LimitException.class, e -> assertThat(e.breach()).isEqualTo(LimitBreach.REPLIES));
        assertThatThrownBy(() -> join(client, "b", null)).isInstanceOf(LimitException.class);
        publish(client, "a", "x".repeat(9_000), null); // broadcasts count apart from answers
        executor.runAll();
        assertThat(slow.closedWith()).isNull();

        while (slow.complete()) {}
        join(client, "b", null);
    }

    @Test
    void statesOfAllRoomsAreLimitedTogether() {
        Hub hub = hub(Map.of("max-state-bytes", 10));
        Client client = client(hub, transport());
        join(client, "a", null);
        join(client, "b", null);
        subscription(client, "a").setState("\"12345\"");

        assertThatThrownBy(() -> subscription(client, "b").setState("\"12345\""))
                .isInstanceOf(LimitException.class);
        subscription(client, "a").setState("\"1\"");
        subscription(client, "b").setState("\"12345\"");
        assertThatThrownBy(() -> client.memberships().join("c", null, "\"12\"", joined -> Frame.text("")))
                .isInstanceOf(LimitException.class);
        client.memberships().leave("b", () -> Frame.text(""));
        client.memberships().join("c", null, "\"12345\"", joined -> Frame.text(""));
        assertThat(client.memberships().get("c")).isNotNull();
    }

    @Test
    void onlyTheLatestStateIsDelivered() {
        Hub hub = hub(Map.of("max-messages-per-second", 0));
        FakeTransport transport = transport();
        Client mover = client(hub, transport());
        Client watcher = client(hub, transport);
        join(mover, "a", null);
        join(watcher, "a", null);
        executor.runAll();

        for (int i = 1; i <= 60; i++) {
            subscription(mover, "a").setState("" + i);
        }
        publish(mover, "a", "x", null);
        executor.runAll();
        assertThat(transport.sent()).containsExactly("joined", "h-1=60", "1 x");
    }

    @Test
    void crowdedRoomIsCountedThenListedAgain() {
        Hub hub = hub(Map.of("max-listed-clients", 4, "ping-seconds", 0, "vanished-seconds", 0));
        FakeTransport transport = transport();
        join(client(hub, transport), "a", null);
        List<Client> others =
                IntStream.range(0, 6).mapToObj(i -> client(hub, transport())).toList();
        others.subList(0, 5).forEach(other -> join(other, "a", null));
        subscription(others.get(0), "a").setState("1"); // not broadcast, but kept
        executor.runAll();
        assertThat(transport.sent()).containsExactly("joined", "+h-2", "+h-3", "+h-4", "#5 null");

        time.passNanos(5 * SECOND);
        hub.tick();
        executor.runAll();
        assertThat(transport.sent()).hasSize(6).endsWith("#6 null");
        time.passNanos(5 * SECOND);
        hub.tick();
        executor.runAll();
        assertThat(transport.sent()).hasSize(6); // no change

        others.subList(1, 5).forEach(Client::disconnected);
        executor.runAll();
        assertThat(transport.sent())
                .hasSize(8)
                .element(6)
                .asString()
                .startsWith("#3 [")
                .contains("state=1");
        assertThat(transport.sent().get(7)).isEqualTo("-h-6");
    }

    @Test
    void presenceWithoutReceiversIsNotPosted() {
        Hub hub = hub(Map.of());
        FakeTransport plain = transport();
        Client client = hub.connect(plain, TestProtocol.PUBLICATIONS, "", Access.unrestricted(""));
        TestClients.join(client, "a");
        executor.runAll();
        TestClients.join(hub.connect(transport(), TestProtocol.PUBLICATIONS, "", Access.unrestricted("")), "a");
        assertThat(executor.waiting()).isEqualTo(1); // its own enter event
        executor.runAll();
        TestClients.publish(client, "a", "x");
        executor.runAll();
        assertThat(plain.sent()).containsExactly("x");
    }

    @Test
    void joinsInOneRunAreOneBatch() {
        Hub hub = hub(Map.of("max-listed-clients", 0));
        FakeTransport transport = new FakeTransport(Mode.LATER, Integer.MAX_VALUE);
        join(client(hub, transport), "a", null);
        executor.runAll();
        transport.complete();

        for (int i = 0; i < 50; i++) {
            join(client(hub, transport()), "a", null);
        }
        executor.runAll();
        assertThat(transport.sent()).hasSize(51); // in one send: a second one would still wait
    }

    @Test
    void leaveReplyIsTheLastFrame() {
        Hub hub = hub(Map.of());
        FakeTransport leaver = transport();
        Client client = client(hub, leaver);
        Client other = client(hub, transport());
        join(client, "a", null);
        join(other, "a", null);
        publish(other, "a", "1", null);
        assertThat(client.memberships().leave("a", () -> Frame.text("left"))).isTrue();
        assertThat(client.memberships().leave("a", () -> Frame.text("left"))).isFalse();
        publish(other, "a", "2", null);
        executor.runAll();

        assertThat(leaver.sent()).containsExactly("joined", "+h-2", "1 1", "left");
    }

    @Test
    void vanishedClientHasLeftWithinFifteenSeconds() {
        Hub hub = hub(Map.of());
        FakeTransport watching = transport();
        Client watcher = client(hub, watching);
        join(watcher, "a", null);
        join(client(hub, transport()), "a", null);
        executor.runAll();

        long vanishedAt = time.nanos();
        while (!watching.sent().contains("-h-2")) {
            time.passNanos(SECOND / 2);
            watcher.pong(ByteBuffer.allocate(0));
            hub.tick();
            executor.runAll();
            assertThat(time.nanos() - vanishedAt).isLessThanOrEqualTo(15 * SECOND);
        }
    }
}
