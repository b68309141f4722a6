package dev.tutti.hub;

import static dev.tutti.hub.TestClients.join;
import static dev.tutti.hub.TestClients.publish;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.event.Event;
import dev.tutti.event.TuttiListener;
import dev.tutti.hub.FakeTransport.Mode;
import dev.tutti.security.Access;
import dev.tutti.security.Identity;
import dev.tutti.security.Permissions;
import dev.tutti.security.Way;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ListenerQueueTest {
    private final FakeExecutor rooms = new FakeExecutor();
    private final FakeExecutor observers = new FakeExecutor();
    private final Recorder recorder = new Recorder();
    private Hub hub = hub(Map.of());

    private Hub hub(Map<String, ?> limits) {
        return new Hub(TestLimits.with(limits), "h", rooms, 2, new FakeTime());
    }

    private static final class Recorder implements TuttiListener {
        private final List<Event> events = new ArrayList<>();
        private long dropped;

        @Override
        public List<String> publicationsOf() {
            return List.of("chat-*");
        }

        @Override
        public void happened(Event event) {
            events.add(event);
        }

        @Override
        public void eventsDropped(long count) {
            dropped += count;
        }

        private List<String> typesOf(Event.Kind kind) {
            return events.stream()
                    .filter(event -> event.subject().kind() == kind)
                    .map(Event::type)
                    .toList();
        }
    }

    private Client connect(Access access) {
        return hub.connect(new FakeTransport(Mode.INSIDE, Integer.MAX_VALUE), TestProtocol.ALL_EVENTS, "", access);
    }

    private Client connect(String user) {
        return connect(Access.unrestricted(user));
    }

    private void listen() {
        hub.listen(recorder, observers);
    }

    @Test
    void clientRoomAndMembersAreReportedInOrder() {
        listen();
        Client ann = connect("Ann");
        Client bob = connect("Bob");
        join(ann, "plan");
        bob.memberships().join("plan", null, "{\"x\":1}", null);
        ann.close(CloseCode.FORBIDDEN, "");
        bob.disconnected();
        observers.runAll();

        assertThat(recorder.typesOf(Event.Kind.ROOM))
                .containsExactly(
                        "room.occupied",
                        "member.entered",
                        "member.entered",
                        "member.left",
                        "member.left",
                        "room.vacated");
        assertThat(recorder.typesOf(Event.Kind.CLIENT))
                .containsExactlyInAnyOrder(
                        "client.connected", "client.connected", "client.disconnected", "client.disconnected");
        assertThat(recorder.events)
                .extracting(Object::toString)
                .anyMatch(text -> text.contains("user=Bob") && text.contains("state={\"x\":1}"))
                .anyMatch(text -> text.startsWith("ClientDisconnected") && text.contains("user=Ann, code=4403"))
                .anyMatch(text -> text.startsWith("ClientDisconnected") && text.contains("user=Bob, code=null"));
    }

    @Test
    void onlyPublicationsOfAskedRoomsArrive() {
        listen();
        Client ann = connect("Ann");
        join(ann, "chat-1");
        join(ann, "plan");
        publish(ann, "chat-1", "1");
        publish(ann, "plan", "2");
        hub.publish("chat-1", "3", null);
        observers.runAll();

        List<Event.Published> published = recorder.events.stream()
                .filter(Event.Published.class::isInstance)
                .map(Event.Published.class::cast)
                .toList();
        assertThat(published).extracting(Event.Published::data).containsExactly("1", "3");
        assertThat(published).extracting(Event.Published::user).containsExactly("Ann", null);
    }

    @Test
    void eachMemberOfACrowdedRoomIsReported() {
        hub = hub(Map.of("max-listed-clients", 2));
        listen();
        for (int i = 0; i < 5; i++) {
            join(connect("u" + i), "plan");
        }
        observers.runAll();

        assertThat(recorder.typesOf(Event.Kind.ROOM))
                .filteredOn("member.entered"::equals)
                .hasSize(5);
    }

    @Test
    void slowListenerLearnsTheNumberOfDroppedEvents() {
        listen();
        Client ann = connect("Ann");
        join(ann, "chat-1");
        int sent = 0;
        String data = '"' + "a".repeat(60_000) + '"';
        for (; sent < 20; sent++) {
            hub.publish("chat-1", data, null);
            rooms.runAll();
        }
        observers.runAll();
        long published = recorder.events.stream()
                .filter(Event.Published.class::isInstance)
                .count();
        assertThat(recorder.dropped).isPositive();
        assertThat(published + recorder.dropped).isEqualTo(sent);

        hub.publish("chat-1", "\"later\"", null);
        observers.runAll();
        assertThat(recorder.events.get(recorder.events.size() - 1)).isInstanceOf(Event.Published.class);
    }

    @Test
    void refusedClientIsNotReported() {
        hub = hub(Map.of("max-connections", 1));
        listen();
        connect("Ann");
        connect("Bob");
        observers.runAll();

        assertThat(recorder.typesOf(Event.Kind.CLIENT)).containsExactly("client.connected");
    }

    @Test
    void clientWithLaterTokenIsReportedWithItsUser() {
        listen();
        Client client = connect(new Access(Identity.ANONYMOUS, Permissions.ALLOW_ALL));
        observers.runAll();
        assertThat(recorder.events).isEmpty();

        Identity ann = new Identity(Way.TOKEN, "Ann", Set.of(), Map.of(), null);
        assertThat(client.authentication().replace(new Access(ann, Permissions.ALLOW_ALL)))
                .isTrue();
        assertThat(client.authentication().replace(new Access(ann, Permissions.ALLOW_ALL)))
                .isTrue();
        observers.runAll();

        assertThat(recorder.events)
                .hasSize(1)
                .first()
                .isInstanceOfSatisfying(
                        Event.ClientConnected.class,
                        event -> assertThat(event.user()).isEqualTo("Ann"));
    }

    @Test
    void failureOfTheListenerDoesNotEndItsCalls() {
        List<String> rest = new ArrayList<>();
        hub.listen(
                new TuttiListener() {
                    @Override
                    public void roomOccupied(Event.RoomOccupied event) {
                        throw new IllegalStateException("provoked");
                    }

                    @Override
                    public void memberEntered(Event.MemberEntered event) {
                        rest.add(event.room());
                    }
                },
                observers);
        join(connect("Ann"), "plan");
        observers.runAll();

        assertThat(rest).containsExactly("plan");
    }

    @Test
    void closedQueueCallsNoMore() {
        ListenerQueue queue = hub.listen(recorder, observers);
        connect("Ann");
        hub.events().remove(queue);
        queue.close();
        connect("Bob");
        observers.runAll();

        assertThat(recorder.events).isEmpty();
    }
}
