package dev.tutti.protocol.plain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.CloseCode;
import dev.tutti.hub.LimitBreach;
import dev.tutti.hub.Member;
import dev.tutti.hub.RoomEvent;
import dev.tutti.protocol.FakePeer;
import dev.tutti.security.Access;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Permissions.Action;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainSessionTest {
    private static final Access ALL = new Access(Identity.ANONYMOUS, Permissions.ALLOW_ALL);

    private final FakePeer.World world = new FakePeer.World(
            Map.of("max-message-burst", "5", "max-clients-per-room", "2", "max-room-queued-bytes", "1000"));
    private final FakePeer ann = world.connect(PlainProtocol.INSTANCE, "Ann");
    private final FakePeer ben = world.connect(PlainProtocol.INSTANCE, "Ben");

    private static Access allBut(Action denied) {
        return new Access(Identity.named("Ann"), (identity, action, name) -> action != denied);
    }

    @Test
    void textReachesEveryMemberAndTheSender() {
        PlainSession session = PlainSession.joinRoom(ann.client(), ALL, "garden");
        PlainSession.joinRoom(ben.client(), ALL, "garden");

        session.receive(new Message.Text("say \"hello\""));

        assertThat(ann.take()).containsExactly("\"say \\\"hello\\\"\"");
        assertThat(ben.take()).containsExactly("\"say \\\"hello\\\"\"");
    }

    @Test
    void broadcastRoomIsApartFromNamedRooms() {
        PlainSession session = PlainSession.joinBroadcast(ann.client(), ALL);
        PlainSession.joinRoom(ben.client(), ALL, "garden");

        session.receive(new Message.Text("a"));

        assertThat(ann.take()).containsExactly("\"a\"");
        assertThat(ben.take()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".hidden", "a b", "ä"})
    void impossibleRoomNameClosesTheConnection(String name) {
        PlainSession.joinRoom(ann.client(), ALL, name);

        assertThat(ann.closeCode()).isEqualTo(CloseCode.POLICY);
        assertThat(world.hub().roomCount()).isZero();
    }

    @Test
    void malformedMessageClosesWithItsFault() {
        PlainSession session = PlainSession.joinBroadcast(ann.client(), ALL);
        PlainSession.joinBroadcast(ben.client(), ALL);

        session.receive(new Message.Malformed(CloseCode.MALFORMED, "not a JSON string"));

        assertThat(ann.closeCode()).isEqualTo(CloseCode.MALFORMED);
        assertThat(ann.closeReason()).isEqualTo("not a JSON string");
        assertThat(ben.take()).isEmpty();
        assertThat(ben.closeCode()).isNull();
    }

    @Test
    void tooManyMessagesCloseTheConnection() {
        PlainSession session = PlainSession.joinBroadcast(ann.client(), ALL);
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
        PlainSession.joinBroadcast(ann.client(), ALL);
        PlainSession.joinBroadcast(ben.client(), ALL);
        PlainSession.joinBroadcast(eve.client(), ALL);

        assertThat(eve.closeCode()).isEqualTo(CloseCode.TRY_LATER);
        assertThat(ann.closeCode()).isNull();
        assertThat(world.hub().breaches().total(LimitBreach.CLIENTS_PER_ROOM)).isOne();
    }

    @Test
    void publishingIntoAFullQueueClosesTheConnection() {
        PlainSession session = PlainSession.joinBroadcast(ann.client(), ALL);
        PlainSession.joinBroadcast(ben.client(), ALL);
        assertThat(ben.take()).isEmpty();
        session.receive(new Message.Text("a".repeat(600)));
        session.receive(new Message.Text("b".repeat(600)));

        assertThat(ann.closeCode()).isEqualTo(CloseCode.TRY_LATER);
        assertThat(ben.take()).hasSize(1);
        assertThat(world.hub().breaches().total(LimitBreach.ROOM_QUEUE)).isOne();
    }

    @Test
    void textAfterTheEndReachesNobody() {
        PlainSession session = PlainSession.joinBroadcast(ann.client(), ALL);
        PlainSession.joinBroadcast(ben.client(), ALL);
        ann.client().disconnected();
        session.receive(new Message.Text("a"));

        assertThat(ben.take()).isEmpty();
    }

    @Test
    void joinWithoutPermissionCloses() {
        PlainSession.joinRoom(ann.client(), allBut(Action.JOIN_ROOM), "garden");

        assertThat(ann.closeCode()).isEqualTo(CloseCode.FORBIDDEN);
        assertThat(world.hub().roomCount()).isZero();
    }

    @Test
    void publishWithoutPermissionClosesAndReachesNobody() {
        PlainSession session = PlainSession.joinRoom(ann.client(), allBut(Action.PUBLISH), "garden");
        PlainSession.joinRoom(ben.client(), ALL, "garden");
        session.receive(new Message.Text("a"));

        assertThat(ann.closeCode()).isEqualTo(CloseCode.FORBIDDEN);
        assertThat(ben.take()).isEmpty();
    }

    @Test
    void dataOtherThanStringsAndPresenceAreNotSent() {
        PlainSession.joinRoom(ann.client(), ALL, "garden");
        world.hub().publish("garden", "{\"x\":1}", null);
        world.hub().publish("garden", "\"x\"", null);

        assertThat(ann.take()).containsExactly("\"x\"");
        assertThat(PlainProtocol.INSTANCE.receivesPresence()).isFalse();
        assertThat(PlainProtocol.INSTANCE.encode("garden", new RoomEvent.MemberLeft(new Member("h-1", "Ann", null))))
                .isNull();
    }
}
