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

/** A client that applies presence events to a list of members has the room's list, under random schedules. */
class PresenceModelTest {
    private static final int CLIENTS = 6;
    /** Members are only counted from five on, and listed again from three down. */
    private static final int LISTED = 4;

    private enum Action {
        CONNECT,
        LEAVE,
        VANISH,
        SET_STATE,
        PUBLISH,
        REQUEST,
        RUN
    }

    private record Step(Action action, int client) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Action> actions = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.just(Action.CONNECT)),
                Tuple.of(2, Arbitraries.just(Action.LEAVE)),
                Tuple.of(2, Arbitraries.just(Action.VANISH)),
                Tuple.of(6, Arbitraries.just(Action.SET_STATE)),
                Tuple.of(2, Arbitraries.just(Action.PUBLISH)),
                Tuple.of(2, Arbitraries.just(Action.REQUEST)),
                Tuple.of(3, Arbitraries.just(Action.RUN)));
        return Combinators.combine(actions, Arbitraries.integers().between(0, CLIENTS - 1))
                .as(Step::new)
                .list()
                .ofMaxSize(200);
    }

    @Property
    void listFromEventsEqualsTheRoomsList(@ForAll("steps") List<Step> steps) {
        FakeExecutor executor = new FakeExecutor();
        FakeTime time = new FakeTime();
        Hub hub = new Hub(
                TestLimits.with(Map.of("max-messages-per-second", 0, "max-listed-clients", LISTED)),
                "h",
                executor,
                3,
                time);
        List<Watcher> watchers = new ArrayList<>();
        for (int c = 0; c < CLIENTS; c++) {
            watchers.add(new Watcher(hub, c));
        }
        int count = 0;
        for (Step step : steps) {
            time.passNanos(300_000); // some publications come alone, and the publishing client's thread delivers them
            Watcher watcher = watchers.get(step.client);
            switch (step.action) {
                case CONNECT -> watcher.join();
                case LEAVE -> watcher.leave();
                case VANISH -> watcher.vanish();
                case SET_STATE -> watcher.setState("\"" + ++count + "\"");
                case PUBLISH -> watcher.publish();
                case REQUEST -> watcher.request();
                case RUN -> executor.runOne();
            }
        }
        executor.runAll();

        Map<String, String> members = new TreeMap<>();
        watchers.stream().filter(Watcher::isIn).forEach(w -> members.put(w.client.id(), w.state));
        watchers.stream().filter(Watcher::isIn).forEach(watcher -> watcher.check(members));
    }

    /** A client that applies presence events to a list; every third client does not receive them. */
    private static final class Watcher {
        private final Hub hub;
        private final boolean receivesPresence;
        private final List<Object> answers = new ArrayList<>();
        private Client client;
        private FakeTransport transport;
        private String state = "null";

        Watcher(Hub hub, int number) {
            this.hub = hub;
            this.receivesPresence = number % 3 != 2;
            connect();
        }

        private void connect() {
            transport = new FakeTransport(Mode.INSIDE, Integer.MAX_VALUE);
            client = hub.connect(
                    transport,
                    receivesPresence ? TestProtocol.ALL_EVENTS : TestProtocol.PUBLICATIONS,
                    "",
                    Access.unrestricted(""));
            answers.clear();
        }

        boolean isIn() {
            return client.memberships().get("room") != null;
        }

        void join() {
            if (isIn()) {
                return;
            }
            state = "\"first\"";
            client.memberships().join("room", null, state, found -> answer(found.members()));
        }

        private Frame answer(Object what) {
            answers.add(what);
            return Frame.text("@" + (answers.size() - 1));
        }

        void leave() {
            if (client.memberships().leave("room", () -> Frame.text("left"))) {
                state = "null";
            }
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

        void publish() {
            Subscription subscription = client.memberships().get("room");
            if (subscription != null) {
                subscription.publish("x", null, true);
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
                assertThat(transport.sent())
                        .allMatch(text -> text.equals("x") || text.equals("left") || text.startsWith("@"));
                return;
            }
            @Nullable Map<String, String> list = null; // null: members are only counted
            boolean isIn = false;
            for (String text : transport.sent()) {
                char kind = text.charAt(0);
                if (kind == '@') {
                    Map<String, String> listed = listed((Members) answers.get(Integer.parseInt(text.substring(1))));
                    if (isIn) {
                        assertThat(listed).isEqualTo(list);
                    }
                    list = listed;
                    isIn = true;
                } else if (kind == 'l') {
                    isIn = false;
                } else {
                    assertThat(isIn).as("received after the leave: " + text).isTrue();
                    list = apply(list, text);
                }
            }
            assertThat(list).isEqualTo(members.size() > LISTED ? null : list == null ? null : members);
        }

        private static @Nullable Map<String, String> listed(Members members) {
            if (members.list() == null) {
                return null;
            }
            Map<String, String> listed = new TreeMap<>();
            members.list().forEach(member -> listed.put(member.client(), String.valueOf(member.state())));
            return listed;
        }

        private @Nullable Map<String, String> apply(@Nullable Map<String, String> list, String text) {
            if (text.startsWith("#")) {
                return text.endsWith(" null") ? null : parse(text);
            }
            if (Character.isDigit(text.charAt(0))) {
                return list; // a publication
            }
            assertThat(list).as("a crowded room must not broadcast " + text).isNotNull();
            if (text.startsWith("-")) {
                assertThat(list.remove(text.substring(1))).as(text).isNotNull();
            } else if (text.startsWith("+")) {
                assertThat(list.put(text.substring(1), "\"first\"")).as(text).isNull();
            } else {
                String[] parts = text.split("=", 2);
                assertThat(list.put(parts[0], parts[1])).as(text).isNotNull();
            }
            return list;
        }

        /** "#2 [Member[client=h-1, user=h-1, state="1"], …]" */
        private static Map<String, String> parse(String text) {
            Map<String, String> list = new TreeMap<>();
            java.util.regex.Matcher matcher = java.util.regex.Pattern.compile(
                            "client=([^,]+), user=[^,]+, state=([^]]+)]")
                    .matcher(text);
            while (matcher.find()) {
                list.put(matcher.group(1), matcher.group(2));
            }
            return list;
        }
    }
}
