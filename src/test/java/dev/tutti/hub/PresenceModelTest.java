package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.FakeTransport.Mode;
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

/** Whatever happens in which order, a client that keeps a list of members by what it is told has the right list. */
class PresenceModelTest {
    private static final int CLIENTS = 6;
    /** From five members on they are counted, from three on downwards listed again. */
    private static final int LISTED = 4;

    private enum Deed {
        CONNECT,
        LEAVE,
        VANISH,
        SHOW,
        SAY,
        ASK,
        RUN
    }

    private record Step(Deed deed, int client) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Deed> deeds = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.just(Deed.CONNECT)),
                Tuple.of(2, Arbitraries.just(Deed.LEAVE)),
                Tuple.of(2, Arbitraries.just(Deed.VANISH)),
                Tuple.of(6, Arbitraries.just(Deed.SHOW)),
                Tuple.of(2, Arbitraries.just(Deed.SAY)),
                Tuple.of(2, Arbitraries.just(Deed.ASK)),
                Tuple.of(3, Arbitraries.just(Deed.RUN)));
        return Combinators.combine(deeds, Arbitraries.integers().between(0, CLIENTS - 1))
                .as(Step::new)
                .list()
                .ofMaxSize(200);
    }

    @Property
    void listFromEventsEqualsTheRoomsList(@ForAll("steps") List<Step> steps) {
        FakeExecutor executor = new FakeExecutor();
        Hub hub = new Hub(
                TestLimits.with(Map.of("max-messages-per-second", 0, "max-listed-clients", LISTED)),
                "h",
                executor,
                3,
                new FakeTime());
        List<Watcher> watchers = new ArrayList<>();
        for (int c = 0; c < CLIENTS; c++) {
            watchers.add(new Watcher(hub, c));
        }
        int count = 0;
        for (Step step : steps) {
            Watcher watcher = watchers.get(step.client);
            switch (step.deed) {
                case CONNECT -> watcher.join();
                case LEAVE -> watcher.leave();
                case VANISH -> watcher.vanish();
                case SHOW -> watcher.setState("\"" + ++count + "\"");
                case SAY -> watcher.say();
                case ASK -> watcher.ask();
                case RUN -> executor.runOne();
            }
        }
        executor.runAll();

        Map<String, String> here = new TreeMap<>();
        watchers.stream().filter(Watcher::isIn).forEach(w -> here.put(w.client.id(), w.state));
        watchers.stream().filter(Watcher::isIn).forEach(watcher -> watcher.check(here));
    }

    /** A client that keeps a list by what it is told, every second one of them in the plain protocol, which is told nothing. */
    private static final class Watcher {
        private final Hub hub;
        private final boolean isTold;
        private final List<Object> answers = new ArrayList<>();
        private Client client;
        private FakeTransport transport;
        private String state = "null";

        Watcher(Hub hub, int number) {
            this.hub = hub;
            this.isTold = number % 3 != 2;
            connect();
        }

        private void connect() {
            transport = new FakeTransport(Mode.INSIDE, Integer.MAX_VALUE);
            client = hub.connect(transport, isTold ? TestProtocol.TELLING : TestProtocol.SAYING, "", "");
            answers.clear();
        }

        boolean isIn() {
            return client.subscription("room") != null;
        }

        void join() {
            if (isIn()) {
                return;
            }
            state = "\"first\"";
            client.join("room", null, state, found -> answer(found.members()));
        }

        private Frame answer(Object what) {
            answers.add(what);
            return Frame.text("@" + (answers.size() - 1));
        }

        void leave() {
            if (client.leave("room", () -> Frame.text("bye"))) {
                state = "null";
            }
        }

        void vanish() {
            client.disconnected();
            connect();
        }

        void setState(String shown) {
            Subscription subscription = client.subscription("room");
            if (subscription != null) {
                subscription.setState(shown);
                state = shown;
            }
        }

        void say() {
            Subscription subscription = client.subscription("room");
            if (subscription != null) {
                subscription.publish("x", null);
            }
        }

        void ask() {
            Subscription subscription = client.subscription("room");
            if (subscription != null) {
                subscription.members(this::answer);
            }
        }

        /** Plays what was told, in its order, and compares at each answer and at the end. */
        void check(Map<String, String> here) {
            if (!isTold) {
                assertThat(transport.sent())
                        .allMatch(text -> text.equals("x") || text.equals("bye") || text.startsWith("@"));
                return;
            }
            @Nullable Map<String, String> list = null; // null: only counted
            boolean isIn = false;
            for (String text : transport.sent()) {
                char kind = text.charAt(0);
                if (kind == '@') {
                    Map<String, String> told = told((Members) answers.get(Integer.parseInt(text.substring(1))));
                    if (isIn) {
                        assertThat(told).isEqualTo(list);
                    }
                    list = told;
                    isIn = true;
                } else if (kind == 'b') {
                    isIn = false;
                } else {
                    assertThat(isIn).as("told after leaving: " + text).isTrue();
                    list = apply(list, text);
                }
            }
            assertThat(list).isEqualTo(here.size() > LISTED ? null : list == null ? null : here);
        }

        private static @Nullable Map<String, String> told(Members members) {
            if (members.list() == null) {
                return null;
            }
            Map<String, String> told = new TreeMap<>();
            members.list().forEach(member -> told.put(member.client(), String.valueOf(member.state())));
            return told;
        }

        private @Nullable Map<String, String> apply(@Nullable Map<String, String> list, String text) {
            if (text.startsWith("#")) {
                return text.endsWith(" null") ? null : parse(text);
            }
            if (Character.isDigit(text.charAt(0))) {
                return list; // somebody said something
            }
            assertThat(list).as("counted members are not told " + text).isNotNull();
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
