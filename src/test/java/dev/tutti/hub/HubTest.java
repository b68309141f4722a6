package dev.tutti.hub;

import static dev.tutti.hub.TestClients.join;
import static dev.tutti.hub.TestClients.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.hub.FakeTransport.Mode;
import dev.tutti.security.Access;
import dev.tutti.security.Identity;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class HubTest {
    private static final long SECOND = 1_000_000_000L;

    /** Between two publications that each come alone. */
    private static final long GAP = Shards.MIN_INLINE_GAP_NANOS;

    private final FakeTime time = new FakeTime();
    private final FakeExecutor executor = new FakeExecutor();

    private Hub hub(Map<String, Integer> limits) {
        Map<String, Object> all = new HashMap<>(limits);
        all.put("history", "*=0");
        return new Hub(TestLimits.with(all), "h", executor, 2, time);
    }

    private static FakeTransport transport() {
        return new FakeTransport(Mode.INSIDE, Integer.MAX_VALUE);
    }

    private static Client member(Hub hub, FakeTransport transport, String room) {
        Client client = hub.connect(transport, TestProtocol.PUBLICATIONS, "", Access.unrestricted(""));
        join(client, room);
        return client;
    }

    @Test
    void publicationReachesAllMembersAndItsSender() {
        Hub hub = hub(Map.of());
        FakeTransport first = transport();
        FakeTransport second = transport();
        FakeTransport elsewhere = transport();
        Client sender = member(hub, first, "a");
        member(hub, second, "a");
        member(hub, elsewhere, "b");

        publish(sender, "a", "hello");
        executor.runAll();

        assertThat(first.sent()).containsExactly("hello");
        assertThat(second.sent()).containsExactly("hello");
        assertThat(elsewhere.sent()).isEmpty();
    }

    @Test
    void waitingPublicationsAreOneBatch() {
        Hub hub = hub(Map.of());
        FakeTransport transport = new FakeTransport(Mode.LATER, Integer.MAX_VALUE);
        Client client = member(hub, transport, "a");

        publish(client, "a", "1");
        publish(client, "a", "2");
        publish(client, "a", "3");
        executor.runAll();

        assertThat(transport.sent()).containsExactly("1", "2", "3"); // in one send: a second one would still wait
    }

    @Test
    void publishingThreadDeliversInASmallAndQuietRoom() {
        Hub hub = hub(Map.of());
        FakeTransport other = transport();
        Client client = member(hub, transport(), "a");
        member(hub, other, "a");
        executor.runAll();
        time.passNanos(GAP);

        publish(client, "a", "1");
        assertThat(other.sent()).containsExactly("1");
        assertThat(executor.waiting()).isZero();

        time.passNanos(GAP - 1);
        publish(client, "a", "2");
        publish(client, "a", "3");
        assertThat(other.sent()).containsExactly("1");
        executor.runAll();
        assertThat(other.sent()).containsExactly("1", "2", "3");

        time.passNanos(GAP);
        publish(client, "a", "4"); // the last run had two: others may follow
        assertThat(other.sent()).hasSize(3);
        executor.runAll();
        time.passNanos(Shards.BUSY_NANOS);
        publish(client, "a", "5");
        assertThat(other.sent()).containsExactly("1", "2", "3", "4", "5");
    }

    @Test
    void executorDeliversToLargeRoomsAndLargePublications() {
        Hub hub = hub(Map.of());
        FakeTransport transport = transport();
        Client client = member(hub, transport, "a");
        executor.runAll();
        time.passNanos(GAP);
        publish(client, "a", "x".repeat(5_000));
        assertThat(transport.sent()).isEmpty();
        executor.runAll();

        time.passNanos(GAP);
        hub.publish("a", "of the application", null);
        assertThat(transport.sent()).hasSize(1);
        executor.runAll();

        for (int i = 0; i < Shards.MAX_INLINE_CLIENTS; i++) {
            member(hub, transport(), "a");
        }
        executor.runAll();
        time.passNanos(GAP);
        publish(client, "a", "to nine");
        assertThat(transport.sent()).hasSize(2);
        executor.runAll();
        assertThat(transport.sent()).hasSize(3);
    }

    @Test
    void busyRoomYieldsAfterEachRun() {
        Hub hub = hub(Map.of());
        FakeTransport busy = transport();
        FakeTransport quiet = transport();
        Client busyClient = member(hub, busy, "busy");
        Client quietClient = member(hub, quiet, "quiet");
        executor.runAll();

        publish(busyClient, "busy", "1");
        publish(quietClient, "quiet", "1");
        Client publishing = busyClient;
        executor.runOne();
        publish(publishing, "busy", "2");
        executor.runOne();

        assertThat(quiet.sent()).containsExactly("1");
        assertThat(busy.sent()).containsExactly("1");
        executor.runAll();
        assertThat(busy.sent()).containsExactly("1", "2");
    }

    @Test
    void waitingEventsScheduleOneRun() {
        Hub hub = hub(Map.of());
        Client client = member(hub, transport(), "a");
        publish(client, "a", "1");
        publish(client, "a", "2");

        assertThat(executor.waiting()).isEqualTo(1);
    }

    @Test
    void clientReceivesOnlyMessagesAfterItsJoin() {
        Hub hub = hub(Map.of());
        Client sender = member(hub, transport(), "a");
        FakeTransport late = transport();

        publish(sender, "a", "before");
        member(hub, late, "a");
        publish(sender, "a", "after");
        executor.runAll();

        assertThat(late.sent()).containsExactly("after");
    }

    @Test
    void lastMessageOfALeavingClientIsDelivered() {
        Hub hub = hub(Map.of());
        FakeTransport stays = transport();
        FakeTransport leaves = transport();
        member(hub, stays, "a");
        Client leaver = member(hub, leaves, "a");

        publish(leaver, "a", "last message");
        leaver.disconnected();
        publish(leaver, "a", "after the end");
        executor.runAll();

        assertThat(stays.sent()).containsExactly("last message");
        assertThat(leaves.sent()).isEmpty();
    }

    @Test
    void connectionThatBreaksDuringDeliveryAffectsNoOther() {
        Hub hub = hub(Map.of());
        FakeTransport broken = transport();
        FakeTransport sound = transport();
        Client sender = member(hub, broken, "a");
        member(hub, sound, "a");
        executor.runAll();
        broken.breakConnection();

        publish(sender, "a", "1");
        executor.runAll();

        assertThat(sound.sent()).containsExactly("1");
        assertThat(hub.clientCount()).isEqualTo(1);
    }

    @Test
    void publicationDuringASendIsDeliveredInTheNextRun() {
        Hub hub = hub(Map.of());
        FakeTransport answering = transport();
        FakeTransport other = transport();
        Client answerer = member(hub, answering, "a");
        answering.onFirstSend(() -> publish(answerer, "a", "answer"));
        Client asker = member(hub, other, "a");

        publish(asker, "a", "question");
        executor.runAll();

        assertThat(other.sent()).containsExactly("question", "answer");
    }

    @Test
    void joinAndLeaveDuringARunTakeEffectAfterIt() {
        Hub hub = hub(Map.of());
        FakeTransport hooked = transport();
        FakeTransport joins = transport();
        FakeTransport leaves = transport();
        Client sender = member(hub, hooked, "a");
        Client leaver = member(hub, leaves, "a");
        hooked.onFirstSend(() -> {
            member(hub, joins, "a");
            leaver.disconnected();
        });

        publish(sender, "a", "1");
        executor.runAll();
        publish(sender, "a", "2");
        executor.runAll();

        assertThat(joins.sent()).containsExactly("2");
        assertThat(leaves.sent()).isEmpty(); // it had ended before the run sent to it
        assertThat(hub.clientCount()).isEqualTo(2);
    }

    @Test
    void clientWhoseReplyFailsIsClosedOthersUnaffected() {
        Hub hub = hub(Map.of());
        FakeTransport failing = transport();
        FakeTransport healthy = transport();
        Client publisher = member(hub, healthy, "a");
        Client client = member(hub, failing, "b");
        client.memberships().join("a", null, null, result -> {
            throw new IllegalStateException("on purpose");
        });
        publish(publisher, "a", "1");
        executor.runAll();

        assertThat(failing.closedWith()).isEqualTo(CloseCode.INTERNAL);
        assertThat(healthy.sent()).containsExactly("1");
        assertThat(hub.clientCount()).isOne();
    }

    @Test
    void logNamesTheClientAndTheRoomOfAFault() {
        List<String> lines = new ArrayList<>();
        Logger logger = Logger.getLogger(RoomShard.class.getName());
        Handler capture = new StreamHandler() {
            @Override
            public synchronized void publish(LogRecord line) {
                lines.add(line.getMessage());
            }
        };
        logger.addHandler(capture);
        try {
            Hub hub = hub(Map.of());
            Client client = member(hub, transport(), "b");
            client.memberships().join("a", null, null, result -> {
                throw new IllegalStateException("on purpose");
            });
            executor.runAll();

            assertThat(lines)
                    .containsExactly(
                            "sending failed [connection=" + client.id() + " user=" + client.user() + " room=a]");
        } finally {
            logger.removeHandler(capture);
        }
    }

    @Test
    void runThatWouldSendTooMuchEndsEarly() {
        Hub hub = hub(Map.of("maxMessageBurst", 100));
        List<FakeTransport> transports =
                IntStream.range(0, 60).mapToObj(i -> transport()).toList();
        List<Client> clients = transports.stream()
                .map(transport -> member(hub, transport, "a"))
                .toList();
        FakeTransport bystander = transport();
        Client other = member(hub, bystander, "b");
        executor.runAll();

        String large = "x".repeat(60_000);
        for (int i = 0; i < 10; i++) {
            publish(clients.get(0), "a", large);
        }
        publish(other, "b", "hello");
        executor.runOne();
        assertThat(transports.get(1).sent()).hasSizeLessThan(6); // 60 clients times 60 kB each
        executor.runOne();

        assertThat(bystander.sent()).containsExactly("hello");
        executor.runAll();
        assertThat(transports.get(1).sent()).hasSize(10);
    }

    @Test
    void allShardsOfALargeRoomKeepOneOrder() {
        Hub hub = hub(Map.of());
        List<FakeTransport> transports =
                IntStream.range(0, 300).mapToObj(i -> transport()).toList();
        List<Client> clients = transports.stream()
                .map(transport -> member(hub, transport, "a"))
                .toList();

        publish(clients.get(0), "a", "first");
        publish(clients.get(299), "a", "last");
        assertThat(executor.waiting()).isEqualTo(4); // one run for each shard, two shards for each of two threads
        executor.runAll();

        assertThat(transports).allSatisfy(t -> assertThat(t.sent()).containsExactly("first", "last"));
        clients.forEach(Client::disconnected);
        assertThat(hub.roomCount()).isZero();
    }

    @Test
    void roomIsRemovedWithItsLastMember() {
        Hub hub = hub(Map.of());
        Client first = member(hub, transport(), "a");
        Client second = member(hub, transport(), "a");
        assertThat(hub.roomCount()).isEqualTo(1);

        first.disconnected();
        assertThat(hub.roomCount()).isEqualTo(1);
        second.disconnected();
        second.disconnected();

        assertThat(hub.roomCount()).isZero();
        assertThat(hub.clientCount()).isZero();
    }

    @Test
    void secondJoinDoesNothing() {
        Hub hub = hub(Map.of());
        FakeTransport transport = transport();
        Client client = member(hub, transport, "a");
        join(client, "a");

        publish(client, "a", "1");
        executor.runAll();
        assertThat(transport.sent()).containsExactly("1");
        client.disconnected();
        assertThat(hub.roomCount()).isZero();
    }

    @Test
    void permitsAreLimited() {
        Hub hub = hub(Map.of("max-messages-per-second", 10, "max-message-burst", 5));
        Client client = member(hub, transport(), "a");

        assertThat(IntStream.range(0, 7).filter(i -> client.countMessage(1) == null))
                .hasSize(5);
        client.disconnected();
        assertThat(client.countMessage(1)).isNull(); // nobody closes it again
    }

    @Test
    void permitsReturnWithTime() {
        Hub hub = hub(Map.of("max-messages-per-second", 10, "max-message-burst", 1));
        Client client = member(hub, transport(), "a");

        for (int i = 0; i < 50; i++) {
            assertThat(client.countMessage(1)).isNull();
            time.passNanos(SECOND / 10);
        }
    }

    @Test
    void slowClientIsClosedOthersUnaffected() {
        Hub hub = hub(Map.of("max-queued-bytes", 100));
        FakeTransport slow = new FakeTransport(Mode.LATER, 1);
        FakeTransport other = transport();
        member(hub, slow, "a");
        Client sender = member(hub, other, "a");
        List<String> all = IntStream.range(0, 50).mapToObj(i -> "message " + i).toList();

        for (String message : all) {
            publish(sender, "a", message);
            executor.runAll();
        }

        assertThat(other.sent()).isEqualTo(all);
        assertThat(slow.closedWith()).isEqualTo(CloseCode.TRY_LATER);
        assertThat(hub.clientCount()).isEqualTo(1);
        assertThat(hub.breaches().total(LimitBreach.CLIENT_QUEUE)).isEqualTo(1);
    }

    @Test
    void closeBehindAStalledSendTimesOut() {
        Hub hub = hub(Map.of("max-send-seconds", 10));
        FakeTransport stuck = new FakeTransport(Mode.LATER, 1);
        Client client = member(hub, stuck, "a");
        publish(client, "a", "1");
        executor.runAll();

        client.close(CloseCode.MALFORMED, "why");
        hub.tick();
        time.passNanos(9 * SECOND);
        hub.tick();
        assertThat(stuck.closedWith()).isNull();
        time.passNanos(SECOND);
        hub.tick();

        assertThat(stuck.closedWith()).isEqualTo(CloseCode.TRY_LATER);
        assertThat(hub.breaches().total(LimitBreach.SEND_TIME)).isEqualTo(1);
    }

    @Test
    void overloadedRoomRefusesPublications() {
        Hub hub = hub(Map.of("max-room-queued-bytes", 400));
        Client client = member(hub, transport(), "a");
        executor.runAll();

        publish(client, "a", "x".repeat(100));
        assertRefused(LimitBreach.ROOM_QUEUE, () -> publish(client, "a", "x".repeat(100)));
    }

    @Test
    void connectionsRoomsAndMembersAreLimited() {
        Hub hub =
                hub(Map.of("max-connections", 3, "max-rooms", 2, "max-clients-per-room", 1, "max-rooms-per-client", 1));
        Client first = member(hub, transport(), "a");
        Client second = hub.connect(transport(), TestProtocol.PUBLICATIONS, "", Access.unrestricted(""));
        assertRefused(LimitBreach.CLIENTS_PER_ROOM, () -> join(second, "a"));
        join(second, "b");
        Client third = hub.connect(transport(), TestProtocol.PUBLICATIONS, "", Access.unrestricted(""));
        assertRefused(LimitBreach.ROOMS, () -> join(third, "c"));
        FakeTransport tooManyConnections = transport();
        hub.connect(tooManyConnections, TestProtocol.PUBLICATIONS, "", Access.unrestricted(""));
        assertThat(tooManyConnections.closedWith()).isEqualTo(CloseCode.TRY_LATER);
        assertThat(hub.breaches().total(LimitBreach.CONNECTIONS)).isEqualTo(1);
        assertThat(hub.roomCount()).isEqualTo(2);

        second.disconnected(); // its room has a free place
        assertRefused(LimitBreach.ROOMS_PER_CLIENT, () -> join(first, "b"));
    }

    private static void assertRefused(LimitBreach breach, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LimitException.class, e -> assertThat(e.breach()).isEqualTo(breach));
    }

    @Test
    void connectionsFromOneAddressAreLimited() {
        Hub hub = hub(Map.of("max-connections-per-address", 1));
        FakeTransport tooMany = transport();
        Client first = hub.connect(transport(), TestProtocol.PUBLICATIONS, "192.0.2.1", Access.unrestricted(""));
        hub.connect(tooMany, TestProtocol.PUBLICATIONS, "192.0.2.1", Access.unrestricted(""));
        FakeTransport elsewhere = transport();
        hub.connect(elsewhere, TestProtocol.PUBLICATIONS, "192.0.2.2", Access.unrestricted(""));

        assertThat(tooMany.closedWith()).isEqualTo(CloseCode.POLICY);
        assertThat(elsewhere.closedWith()).isNull();
        assertThat(hub.breaches().total(LimitBreach.CONNECTIONS_PER_ADDRESS)).isEqualTo(1);

        first.disconnected();
        FakeTransport next = transport();
        hub.connect(next, TestProtocol.PUBLICATIONS, "192.0.2.1", Access.unrestricted(""));
        assertThat(next.closedWith()).isNull();
    }

    @Test
    void silentPeerIsPingedThenClosed() {
        Hub hub = hub(Map.of("ping-seconds", 25, "pong-seconds", 10));
        FakeTransport transport = transport();
        member(hub, transport, "a");

        time.passNanos(24 * SECOND);
        hub.tick();
        assertThat(transport.pings()).isZero();
        time.passNanos(SECOND);
        hub.tick();
        hub.tick();
        assertThat(transport.pings()).isEqualTo(1);
        time.passNanos(9 * SECOND);
        hub.tick();
        assertThat(transport.closedWith()).isNull();
        time.passNanos(SECOND);
        hub.tick();

        assertThat(transport.closedWith()).isEqualTo(CloseCode.GOING_AWAY);
        assertThat(hub.clientCount()).isZero();
        assertThat(hub.roomCount()).isZero();
    }

    @Test
    void pongBeforeThePingReturnsCounts() {
        Hub hub = hub(Map.of());
        FakeTransport answering = transport();
        Client client = member(hub, answering, "a");
        answering.onPing(() -> client.pong(ByteBuffer.allocate(0)));

        for (int i = 0; i < 10; i++) {
            time.passNanos(26 * SECOND);
            hub.tick();
        }

        assertThat(answering.closedWith()).isNull();
    }

    @Test
    void timeToAnswerBeginsWhenThePingIsHandedOver() {
        Hub hub = hub(Map.of("ping-seconds", 25, "pong-seconds", 10));
        FakeTransport transport = transport();
        transport.holdPings();
        member(hub, transport, "a");
        time.passNanos(25 * SECOND);
        hub.tick();
        time.passNanos(60 * SECOND);
        hub.tick();
        assertThat(transport.closedWith()).isNull();
        assertThat(transport.pings()).isEqualTo(1);

        transport.handOverPings();
        time.passNanos(9 * SECOND);
        hub.tick();
        assertThat(transport.closedWith()).isNull();
        time.passNanos(SECOND);
        hub.tick();

        assertThat(transport.closedWith()).isEqualTo(CloseCode.GOING_AWAY);
    }

    @Test
    void endingConnectionsCountAtAHandshake() {
        Hub hub = hub(Map.of("max-connections", 4, "max-connections-per-address", 2));
        hub.connect(transport(), TestProtocol.PUBLICATIONS, "192.0.2.1", Access.unrestricted(""));

        assertThat(hub.breach(0, "192.0.2.1", 0, Identity.ANONYMOUS)).isNull();
        assertThat(hub.breach(1, "192.0.2.1", 1, Identity.ANONYMOUS)).isEqualTo(LimitBreach.CONNECTIONS_PER_ADDRESS);
        assertThat(hub.breach(2, "192.0.2.2", 0, Identity.ANONYMOUS)).isNull();
        assertThat(hub.breach(3, "192.0.2.2", 0, Identity.ANONYMOUS)).isEqualTo(LimitBreach.CONNECTIONS);
    }

    @Test
    void signOfLifeRestartsTheSilence() {
        Hub hub = hub(Map.of());
        FakeTransport transport = transport();
        Client client = member(hub, transport, "a");

        for (int i = 0; i < 20; i++) {
            time.passNanos(26 * SECOND);
            hub.tick();
            client.pong(ByteBuffer.allocate(0));
        }

        assertThat(transport.pings()).isEqualTo(20);
        assertThat(transport.closedWith()).isNull();
    }

    @Test
    void closedHubClosesAllClients() {
        Hub hub = hub(Map.of());
        FakeTransport first = transport();
        FakeTransport second = transport();
        member(hub, first, "a");
        hub.connect(second, TestProtocol.PUBLICATIONS, "", Access.unrestricted(""));

        hub.close();

        assertThat(first.closedWith()).isEqualTo(CloseCode.GOING_AWAY);
        assertThat(second.closedWith()).isEqualTo(CloseCode.GOING_AWAY);
        FakeTransport late = transport();
        member(hub, late, "a");
        assertThat(late.closedWith()).isEqualTo(CloseCode.GOING_AWAY);
        assertThat(hub.clientCount()).isZero();
        assertThat(hub.roomCount()).isZero();
    }

    @Test
    void batchStaysBelowTheQueueLimit() {
        Hub hub = hub(Map.of("max-messages-per-second", 0));
        FakeTransport transport = transport();
        Client client = member(hub, transport, "a");

        IntStream.range(0, 200).forEach(i -> publish(client, "a", "x".repeat(10_000)));
        executor.runAll();

        assertThat(transport.largestBatchBytes()).isBetween(100_000, 140_000);
    }
}
