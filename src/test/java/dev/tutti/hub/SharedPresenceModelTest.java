package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.FakeTransport.Mode;
import dev.tutti.security.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Clients of several nodes that apply presence events to a list of members have the same list at each point of the shared order, under random schedules
 * with gaps, with changes that fail, and with nodes that are declared dead.
 */
class SharedPresenceModelTest {
    private static final int NODES = 3;
    private static final int CLIENTS = 7;

    private enum Action {
        JOIN,
        LEAVE,
        VANISH,
        SET_STATE,
        REQUEST,
        RUN,
        SEND,
        RECEIVE,
        READ,
        FAIL,
        DECLARE_DEAD
    }

    private record Step(Action action, int number) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Action> actions = Arbitraries.frequencyOf(
                Tuple.of(8, Arbitraries.just(Action.JOIN)),
                Tuple.of(3, Arbitraries.just(Action.LEAVE)),
                Tuple.of(2, Arbitraries.just(Action.VANISH)),
                Tuple.of(6, Arbitraries.just(Action.SET_STATE)),
                Tuple.of(2, Arbitraries.just(Action.REQUEST)),
                Tuple.of(3, Arbitraries.just(Action.RUN)),
                Tuple.of(6, Arbitraries.just(Action.SEND)),
                Tuple.of(9, Arbitraries.just(Action.RECEIVE)),
                Tuple.of(2, Arbitraries.just(Action.READ)),
                Tuple.of(1, Arbitraries.just(Action.FAIL)),
                Tuple.of(1, Arbitraries.just(Action.DECLARE_DEAD)));
        return Combinators.combine(actions, Arbitraries.integers().between(0, CLIENTS - 1))
                .as(Step::new)
                .list()
                .ofMaxSize(200);
    }

    @Property
    void listFromEventsIsThatOfAllNodes(@ForAll("steps") List<Step> steps) {
        SharedOrder order = new SharedOrder();
        List<Node> nodes = new ArrayList<>();
        for (int n = 0; n < NODES; n++) {
            nodes.add(new Node(order, n));
        }
        List<Watcher> watchers = new ArrayList<>();
        for (int c = 0; c < CLIENTS; c++) {
            watchers.add(new Watcher(nodes.get(c % NODES), c));
        }
        int count = 0;
        for (Step step : steps) {
            Watcher watcher = watchers.get(step.number);
            Node node = nodes.get(step.number % NODES);
            switch (step.action) {
                case JOIN -> watcher.join("\"" + ++count + "\"");
                case LEAVE -> watcher.leave();
                case VANISH -> watcher.vanish();
                case SET_STATE -> watcher.setState("\"" + ++count + "\"");
                case REQUEST -> watcher.request();
                case RUN -> node.executor.runOne();
                case SEND -> node.members().send();
                case RECEIVE -> node.members().receive();
                case READ -> node.members().read();
                case FAIL -> node.members().fail();
                case DECLARE_DEAD -> order.removeMembersOf(node.members());
            }
        }
        order.settle();
        nodes.forEach(node -> node.executor.runAll());

        Map<String, String> members = new TreeMap<>();
        watchers.stream()
                .filter(Watcher::isIn)
                .forEach(watcher -> members.put(watcher.client.id(), String.valueOf(watcher.state)));
        assertThat(order.states()).isEqualTo(members);
        watchers.forEach(watcher -> watcher.check(members));
        nodes.forEach(Node::checkMemory);
    }

    /** One server. */
    private static final class Node {
        private final FakeExecutor executor = new FakeExecutor();
        private final SharedOrder order;
        private final int number;
        private final Hub hub;

        Node(SharedOrder order, int number) {
            this.order = order;
            this.number = number;
            this.hub = new Hub(
                    TestLimits.with(Map.of("max-messages-per-second", 0)),
                    "h" + number,
                    executor,
                    3,
                    new FakeTime(),
                    Metrics.NONE,
                    context -> (room, subscriber) -> order.open(context.inMemory(room, subscriber), subscriber));
            var unused = hub.observe("room", publication -> {}, executor);
            members().read();
        }

        SharedOrder.NodeMembers members() {
            return order.node(number);
        }

        /** Only waiting input, the listed members, and the states of the clients here are reserved. */
        void checkMemory() {
            Members list = hub.directory().members("room");
            int states = 0;
            for (Client client : hub.clients().connected()) {
                Subscription subscription = client.memberships().get("room");
                states += subscription == null ? 0 : subscription.stateBytes;
            }
            assertThat(hub.budget().usedBytes(Budget.Share.INPUT)).isEqualTo(list.bytes() + states);
        }
    }

    /** Encodes presence events, easy to parse. */
    private static final Protocol PROTOCOL = new Protocol() {
        @Override
        public @Nullable Frame encode(String room, RoomEvent event) {
            if (event instanceof RoomEvent.MemberJoined joined) {
                return Frame.text("+" + text(joined.member()));
            } else if (event instanceof RoomEvent.MemberLeft left) {
                return Frame.text("-" + left.member().client());
            } else if (event instanceof RoomEvent.PresenceChanged presence) {
                return Frame.text("=" + text(presence.member()));
            } else if (event instanceof RoomEvent.MembersChanged changed) {
                List<Member> list = changed.members().list();
                return Frame.text(
                        list == null
                                ? "?"
                                : "#"
                                        + String.join(
                                                " ",
                                                list.stream()
                                                        .map(SharedPresenceModelTest::text)
                                                        .toList()));
            }
            return null;
        }

        @Override
        public boolean receivesPresence() {
            return true;
        }
    };

    private static String text(Member member) {
        return member.client() + "=" + member.state();
    }

    /** A client that applies presence events to a list. */
    private static final class Watcher {
        private final Node node;
        private final boolean receivesPresence;
        private final List<Members> answers = new ArrayList<>();
        private Client client;
        private FakeTransport transport;
        private @Nullable String state;

        Watcher(Node node, int number) {
            this.node = node;
            this.receivesPresence = number != CLIENTS - 1;
            connect();
        }

        private void connect() {
            transport = new FakeTransport(Mode.INSIDE, Integer.MAX_VALUE);
            client = node.hub.connect(
                    transport, receivesPresence ? PROTOCOL : TestProtocol.PUBLICATIONS, "", Access.unrestricted(""));
            answers.clear();
        }

        boolean isIn() {
            return client.memberships().get("room") != null;
        }

        void join(String shown) {
            if (!isIn()) {
                state = shown;
                client.memberships().join("room", null, state, found -> answer(found.members()));
            }
        }

        private Frame answer(Members members) {
            answers.add(members);
            return Frame.text("@" + (answers.size() - 1));
        }

        void leave() {
            client.memberships().leave("room", () -> Frame.text("left"));
        }

        void vanish() {
            client.disconnected();
            connect();
        }

        void setState(String shown) {
            Subscription subscription = client.memberships().get("room");
            if (subscription != null) {
                subscription.setState(shown);
                state = shown;
            }
        }

        void request() {
            Subscription subscription = client.memberships().get("room");
            if (subscription != null) {
                subscription.members(this::answer);
            }
        }

        /** Applies the received frames in their order, and compares the list at each answer and at the end. */
        void check(Map<String, String> members) {
            if (!receivesPresence) {
                return;
            }
            @Nullable Map<String, String> list = null; // null: members are only counted
            boolean isIn = false;
            for (String text : transport.sent()) {
                char kind = text.charAt(0);
                if (kind == '@') {
                    Map<String, String> listed = listed(answers.get(Integer.parseInt(text.substring(1))));
                    if (isIn) {
                        assertThat(withoutSelf(listed)).isEqualTo(withoutSelf(list));
                    }
                    assertThat(listed == null || listed.containsKey(client.id()))
                            .isTrue();
                    list = listed;
                    isIn = true;
                } else if (kind == 'l') {
                    isIn = false;
                } else {
                    assertThat(isIn).as("received after the leave: " + text).isTrue();
                    list = apply(list, text);
                }
            }
            if (isIn()) {
                assertThat(list)
                        .as("%s of %s", client.id(), transport.sent())
                        .isIn(
                                members.size() > SharedOrder.SMALL ? null : members,
                                members.size() > SharedOrder.LISTED ? null : members);
            }
        }

        /** A client knows its own state earlier than the others. */
        private @Nullable Map<String, String> withoutSelf(@Nullable Map<String, String> list) {
            if (list == null) {
                return null;
            }
            Map<String, String> others = new TreeMap<>(list);
            others.remove(client.id());
            return others;
        }

        private static @Nullable Map<String, String> listed(Members members) {
            if (members.list() == null) {
                return null;
            }
            Map<String, String> listed = new TreeMap<>();
            members.list().forEach(member -> listed.put(member.client(), String.valueOf(member.state())));
            return listed;
        }

        private static @Nullable Map<String, String> apply(@Nullable Map<String, String> list, String text) {
            char kind = text.charAt(0);
            String rest = text.substring(1);
            if (kind == '?') {
                return null;
            }
            if (kind == '#') {
                Map<String, String> parsed = new TreeMap<>();
                for (String one : rest.split(" ", -1)) {
                    String[] parts = one.split("=", 2);
                    if (parts.length == 2) {
                        parsed.put(parts[0], parts[1]);
                    }
                }
                return parsed;
            }
            assertThat(list).as("a crowded room must not broadcast " + text).isNotNull();
            String[] parts = rest.split("=", 2);
            switch (kind) {
                case '-' -> assertThat(list.remove(rest)).as(text).isNotNull();
                case '+' -> assertThat(list.put(parts[0], parts[1])).as(text).isNull();
                case '=' -> assertThat(list.put(parts[0], parts[1])).as(text).isNotNull();
                default -> throw new AssertionError(text);
            }
            return list;
        }
    }
}
