package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.FakeTransport.Mode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/** What a client that comes and goes may rely on: it never misses something without being told, and hears nothing twice. */
class RecoveryModelTest {
    private static final int CLIENTS = 3;
    private static final int HELD = 5;
    private static final int SECONDS = 10;

    private enum Deed {
        CONNECT,
        VANISH,
        PUBLISH,
        PUBLISH_AGAIN,
        RUN,
        COMPLETE,
        WAIT,
        RESTART
    }

    private record Step(Deed deed, int client) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Deed> deeds = Arbitraries.frequencyOf(
                Tuple.of(5, Arbitraries.just(Deed.CONNECT)),
                Tuple.of(3, Arbitraries.just(Deed.VANISH)),
                Tuple.of(8, Arbitraries.just(Deed.PUBLISH)),
                Tuple.of(2, Arbitraries.just(Deed.PUBLISH_AGAIN)),
                Tuple.of(5, Arbitraries.just(Deed.RUN)),
                Tuple.of(5, Arbitraries.just(Deed.COMPLETE)),
                Tuple.of(1, Arbitraries.just(Deed.WAIT)),
                Tuple.of(1, Arbitraries.just(Deed.RESTART)));
        return Combinators.combine(deeds, Arbitraries.integers().between(0, CLIENTS - 1))
                .as(Step::new)
                .list()
                .ofMaxSize(300);
    }

    @Property
    void noGapIsSilentAndNothingIsDuplicated(@ForAll("steps") List<Step> steps) {
        World world = new World();
        steps.forEach(step -> world.take(step.deed, step.client));
        world.end();
    }

    /** One publication as the model knows it. */
    private record Said(long offset, String data, long nanos) {}

    /** The hub and what it should do. */
    private static final class World {
        private final FakeTime time = new FakeTime();
        private final Visitor[] visitors = new Visitor[CLIENTS];
        private FakeExecutor executor = new FakeExecutor();
        private Hub hub = hub(0);
        private int restarts;

        /** All that was said since the restart, in order. */
        private List<Said> said = new ArrayList<>();

        /** Where each client's last keyed publication is. */
        private final Map<Integer, Said> keyed = new HashMap<>();

        private int count;
        private String epoch = "";

        World() {
            keepRoom();
            for (int c = 0; c < CLIENTS; c++) {
                visitors[c] = new Visitor(c);
            }
        }

        private Hub hub(int number) {
            Map<String, ?> limits = Map.of(
                    "history", "*=" + HELD + "/1000000/" + SECONDS,
                    "max-messages-per-second", 0,
                    "ping-seconds", 0,
                    "max-send-seconds", 0); // whoever is closed for being slow is not this model's matter
            return new Hub(TestLimits.with(limits), "h" + number, executor, 2, time);
        }

        /** Somebody is always there, so that the room is not forgotten before the server is. */
        private void keepRoom() {
            Client keeper =
                    hub.connect(new FakeTransport(Mode.INSIDE, Integer.MAX_VALUE), TestProtocol.SAYING, "", "keeper");
            keeper.join("room", null, null, found -> {
                epoch = found.position().epoch();
                return Frame.text("joined");
            });
            executor.runAll();
        }

        void take(Deed deed, int c) {
            Visitor visitor = visitors[c];
            switch (deed) {
                case CONNECT -> visitor.connect(this);
                case VANISH -> visitor.vanish();
                case PUBLISH -> publish(visitor, "p" + ++count, null);
                case PUBLISH_AGAIN -> publishAgain(visitor);
                case RUN -> executor.runOne();
                case COMPLETE -> visitor.complete();
                case WAIT -> {
                    time.passNanos(4_000_000_000L);
                    hub.tick();
                }
                case RESTART -> restart();
            }
        }

        private void publish(Visitor visitor, String data, @Nullable String key) {
            Subscription subscription = visitor.subscription();
            if (subscription == null) {
                return;
            }
            Said expected = new Said(said.size() + 1L, data, time.nanos());
            assertThat(offset(subscription, data, key)).isEqualTo(expected.offset);
            said.add(expected);
            if (key != null) {
                keyed.put(visitor.number, expected);
            }
        }

        private static long offset(Subscription subscription, String data, @Nullable String key) {
            return subscription.publish(data, key).toCompletableFuture().join().offset();
        }

        /** The answer to the first request may have been lost: whether it counts once or twice depends on what is held. */
        private void publishAgain(Visitor visitor) {
            Said before = keyed.get(visitor.number);
            if (before != null && held().contains(before) && visitor.subscription() != null) {
                assertThat(offset(visitor.subscription(), "again", "key" + visitor.number))
                        .isEqualTo(before.offset);
            } else {
                publish(visitor, "k" + ++count, "key" + visitor.number);
            }
        }

        private void restart() {
            for (Visitor visitor : visitors) {
                visitor.vanish();
            }
            executor = new FakeExecutor();
            hub = hub(++restarts);
            said = new ArrayList<>();
            keyed.clear();
            keepRoom();
        }

        List<Said> held() {
            long oldest = time.nanos() - SECONDS * 1_000_000_000L;
            return said.subList(Math.max(0, said.size() - HELD), said.size()).stream()
                    .filter(s -> s.nanos > oldest)
                    .toList();
        }

        void end() {
            executor.runAll();
            for (Visitor visitor : visitors) {
                while (visitor.complete()) {}
                visitor.check(said, true);
            }
        }
    }

    /** One client, which comes back with the position of the last message that it has seen. */
    private static final class Visitor {
        private final int number;
        private @Nullable Client client;
        private @Nullable FakeTransport transport;
        private @Nullable Position since;
        private @Nullable JoinResult joined;
        /** What the model says about the moment of joining. */
        private boolean expectRecovered;

        private int saidBefore;
        private List<Said> world = List.of();

        Visitor(int number) {
            this.number = number;
        }

        void connect(World in) {
            if (client != null) {
                return;
            }
            transport = new FakeTransport(number % 2 == 0 ? Mode.LATER : Mode.INSIDE, 1 + number);
            client = in.hub.connect(transport, TestProtocol.SAYING, "", "user" + number);
            joined = null;
            world = in.said;
            saidBefore = in.said.size();
            expectRecovered = since != null
                    && since.epoch().equals(in.epoch)
                    && since.offset() >= in.said.size() - in.held().size();
            client.join("room", since, null, found -> {
                joined = found;
                return Frame.text("joined");
            });
        }

        @Nullable
        Subscription subscription() {
            return client == null ? null : client.subscription("room");
        }

        boolean complete() {
            return transport != null && transport.complete();
        }

        void vanish() {
            if (client == null) {
                return;
            }
            client.disconnected();
            check(world, false);
            client = null;
            transport = null;
        }

        /** Checks what this visit has heard, and remembers how far it came. */
        void check(List<Said> said, boolean toTheEnd) {
            if (client == null || transport == null) {
                return;
            }
            List<String> heard = transport.sent();
            if (heard.isEmpty()) {
                return; // it went before it was answered
            }
            assertThat(heard.get(0)).isEqualTo("joined");
            assertThat(joined).isNotNull();
            assertThat(joined.recovered()).isEqualTo(expectRecovered);
            assertThat(joined.position().offset()).isEqualTo(saidBefore);
            List<String> all = new ArrayList<>();
            long from = saidBefore;
            if (joined.recovered()) {
                joined.messages().forEach(message -> all.add(message.data()));
                from = since.offset();
            } else {
                assertThat(joined.messages()).isEmpty();
            }
            all.addAll(heard.subList(1, heard.size()));
            List<String> expected = said.subList((int) from, said.size()).stream()
                    .map(Said::data)
                    .toList();
            if (toTheEnd) {
                assertThat(all).isEqualTo(expected);
            } else {
                assertThat(all).isEqualTo(expected.subList(0, Math.min(all.size(), expected.size())));
            }
            since = new Position(joined.position().epoch(), from + all.size());
        }
    }
}
