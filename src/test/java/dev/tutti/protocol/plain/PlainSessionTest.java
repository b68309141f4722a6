package dev.tutti.protocol.plain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.CloseCode;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.Member;
import dev.tutti.hub.RoomEvent;
import dev.tutti.protocol.FakePeer;
import dev.tutti.protocol.SlowPermissions;
import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Identity;
import java.util.EnumSet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainSessionTest {
    private final FakePeer.World world = new FakePeer.World(
            Map.of("max-message-burst", "5", "max-clients-per-room", "2", "max-room-queued-bytes", "1000"));
    private final FakePeer ann = world.connect(PlainProtocol.INSTANCE, "Ann");
    private final FakePeer ben = world.connect(PlainProtocol.INSTANCE, "Ben");
    private final SlowPermissions slow = new SlowPermissions();

    private FakePeer without(Action denied) {
        return world.connect(
                PlainProtocol.INSTANCE,
                new Access(Identity.named("Ann"), (identity, action, resource) -> action != denied));
    }

    @Test
    void textReachesEveryMemberAndTheSender() {
        PlainSession session = PlainSession.joinRoom(ann.client(), "garden");
        PlainSession.joinRoom(ben.client(), "garden");

        session.receive(new Message.Text("say \"hello\""));

        assertThat(ann.take()).containsExactly("\"say \\\"hello\\\"\"");
        assertThat(ben.take()).containsExactly("\"say \\\"hello\\\"\"");
    }

    @Test
    void broadcastRoomIsApartFromNamedRooms() {
        PlainSession session = PlainSession.joinBroadcast(ann.client());
        PlainSession.joinRoom(ben.client(), "garden");

        session.receive(new Message.Text("a"));

        assertThat(ann.take()).containsExactly("\"a\"");
        assertThat(ben.take()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".hidden", "a b", "a\u0308"})
    void impossibleRoomNameClosesTheConnection(String name) {
        PlainSession.joinRoom(ann.client(), name);

        assertThat(ann.closeCode()).isEqualTo(CloseCode.POLICY);
        assertThat(world.hub().roomCount()).isZero();
    }

    @Test
    void malformedMessageClosesWithItsFault() {
        PlainSession session = PlainSession.joinBroadcast(ann.client());
        PlainSession.joinBroadcast(ben.client());

        session.receive(new Message.Malformed(CloseCode.MALFORMED, "not a JSON string"));

        assertThat(ann.closeCode()).isEqualTo(CloseCode.MALFORMED);
        assertThat(ann.closeReason()).isEqualTo("not a JSON string");
        assertThat(ben.take()).isEmpty();
        assertThat(ben.closeCode()).isNull();
    }

    @Test
    void tooManyMessagesCloseTheConnection() {
        PlainSession session = PlainSession.joinBroadcast(ann.client());
        for (int i = 0; i <= 5; i++) {
            session.receive(new Message.Text("a"));
        }

        assertThat(ann.closeCode()).isEqualTo(CloseCode.POLICY);
        assertThat(ann.take()).hasSizeLessThanOrEqualTo(5);
        assertThat(world.hub().breaches().total(LimitBreach.MESSAGE_RATE)).isOne();
    }

    @Test
    void joiningAFullRoomClosesTheConnection() {
        FakePeer eve = world.connect(PlainProtocol.INSTANCE, "Eve");
        PlainSession.joinBroadcast(ann.client());
        PlainSession.joinBroadcast(ben.client());
        PlainSession.joinBroadcast(eve.client());

        assertThat(eve.closeCode()).isEqualTo(CloseCode.TRY_LATER);
        assertThat(ann.closeCode()).isNull();
        assertThat(world.hub().breaches().total(LimitBreach.CLIENTS_PER_ROOM)).isOne();
    }

    @Test
    void publishingIntoAFullQueueClosesTheConnection() {
        PlainSession session = PlainSession.joinBroadcast(ann.client());
        PlainSession.joinBroadcast(ben.client());
        assertThat(ben.take()).isEmpty();
        session.receive(new Message.Text("a".repeat(600)));
        session.receive(new Message.Text("b".repeat(600)));

        assertThat(ann.closeCode()).isEqualTo(CloseCode.TRY_LATER);
        assertThat(ben.take()).hasSize(1);
        assertThat(world.hub().breaches().total(LimitBreach.ROOM_QUEUE)).isOne();
    }

    @Test
    void textAfterTheEndReachesNobody() {
        PlainSession session = PlainSession.joinBroadcast(ann.client());
        PlainSession.joinBroadcast(ben.client());
        ann.client().disconnected();
        session.receive(new Message.Text("a"));

        assertThat(ben.take()).isEmpty();
    }

    @Test
    void joinWithoutPermissionCloses() {
        FakePeer stranger = without(Action.READ);
        PlainSession.joinRoom(stranger.client(), "garden");

        assertThat(stranger.closeReason()).isEqualTo("this user may not join this room");
        assertThat(stranger.closeCode()).isEqualTo(CloseCode.FORBIDDEN);
        assertThat(world.hub().roomCount()).isZero();
    }

    @Test
    void publishWithoutPermissionClosesAndReachesNobody() {
        FakePeer reader = without(Action.WRITE);
        PlainSession session = PlainSession.joinRoom(reader.client(), "garden");
        PlainSession.joinRoom(ben.client(), "garden");
        session.receive(new Message.Text("a"));

        assertThat(reader.closeReason()).isEqualTo("this user may not publish in this room");
        assertThat(reader.closeCode()).isEqualTo(CloseCode.FORBIDDEN);
        assertThat(ben.take()).isEmpty();
    }

    @Test
    void messagesWaitUntilTheRightsAreKnown() {
        FakePeer eve = world.connect(PlainProtocol.INSTANCE, new Access(Identity.named("Eve"), slow));
        PlainSession.joinRoom(ben.client(), "garden");
        PlainSession session = PlainSession.joinRoom(eve.client(), "garden");
        session.receive(new Message.Text("a"));
        session.receive(new Message.Text("b"));
        assertThat(ben.take()).isEmpty();
        assertThat(eve.closeCode()).isNull();
        slow.answer("garden", EnumSet.allOf(Action.class));

        assertThat(ben.take()).containsExactly("\"a\"", "\"b\"");
        session.receive(new Message.Text("c"));
        assertThat(eve.take()).containsExactly("\"a\"", "\"b\"", "\"c\"");
    }

    @Test
    void lateRefusalClosesAndReachesNobody() {
        FakePeer eve = world.connect(PlainProtocol.INSTANCE, new Access(Identity.named("Eve"), slow));
        PlainSession.joinRoom(ben.client(), "garden");
        PlainSession session = PlainSession.joinRoom(eve.client(), "garden");
        session.receive(new Message.Text("a"));
        slow.answer("garden", EnumSet.of(Action.WRITE));

        assertThat(eve.closeCode()).isEqualTo(CloseCode.FORBIDDEN);
        assertThat(ben.take()).isEmpty();
    }

    @Test
    void unknownRightsCloseWithTryLater() {
        FakePeer eve = world.connect(PlainProtocol.INSTANCE, new Access(Identity.named("Eve"), slow));
        PlainSession session = PlainSession.joinRoom(eve.client(), "garden");
        session.receive(new Message.Text("a"));
        slow.fail("garden");

        assertThat(eve.closeCode()).isEqualTo(CloseCode.TRY_LATER);
        assertThat(eve.closeReason()).isEqualTo("nobody knows");
        assertThat(world.hub().roomCount()).isZero();
    }

    @Test
    void clientThatLeavesMeanwhileDoesNotJoin() {
        FakePeer eve = world.connect(PlainProtocol.INSTANCE, new Access(Identity.named("Eve"), slow));
        PlainSession session = PlainSession.joinRoom(eve.client(), "garden");
        session.receive(new Message.Text("a"));
        eve.client().disconnected();
        slow.answer("garden", EnumSet.allOf(Action.class));
        eve.take();

        assertThat(world.hub().roomCount()).isZero();
    }

    @Test
    void dataOtherThanStringsAndPresenceAreNotSent() {
        PlainSession.joinRoom(ann.client(), "garden");
        world.hub().publish("garden", "{\"x\":1}", null);
        world.hub().publish("garden", "\"x\"", null);

        assertThat(ann.take()).containsExactly("\"x\"");
        assertThat(PlainProtocol.INSTANCE.receivesPresence()).isFalse();
        assertThat(PlainProtocol.INSTANCE.encode("garden", new RoomEvent.MemberLeft(new Member("h-1", "Ann", null))))
                .isNull();
    }
}
