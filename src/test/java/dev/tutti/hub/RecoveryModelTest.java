package dev.tutti.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.FakeTransport.Mode;
import dev.tutti.security.Access;
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

/** A client that reconnects never has a silent gap and receives no duplicate, under random schedules. */
class RecoveryModelTest {
    private static final int CLIENTS = 3;
    private static final int HELD = 5;
    private static final int SECONDS = 10;

    private enum Action {
        CONNECT,
        VANISH,
        PUBLISH,
        PUBLISH_AGAIN,
        RUN,
        COMPLETE,
        WAIT,
        RESTART
    }

    private record Step(Action action, int client) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Action> actions = Arbitraries.frequencyOf(
                Tuple.of(5, Arbitraries.just(Action.CONNECT)),
                Tuple.of(3, Arbitraries.just(Action.VANISH)),
                Tuple.of(8, Arbitraries.just(Action.PUBLISH)),
                Tuple.of(2, Arbitraries.just(Action.PUBLISH_AGAIN)),
                Tuple.of(5, Arbitraries.just(Action.RUN)),
                Tuple.of(5, Arbitraries.just(Action.COMPLETE)),
                Tuple.of(1, Arbitraries.just(Action.WAIT)),
                Tuple.of(1, Arbitraries.just(Action.RESTART)));
        return Combinators.combine(actions, Arbitraries.integers().between(0, CLIENTS - 1))
                .as(Step::new)
                .list()
                .ofMaxSize(300);
    }

    @Property
    void noGapIsSilentAndNothingIsDuplicated(@ForAll("steps") List<Step> steps) {
        World world = new World();
        steps.forEach(step -> world.take(step.action, step.client));
        world.end();
    }

    /** A publication of the model. */
    private record Published(long offset, String data, long nanos) {}

    /** The hub and its model. */
    private static final class World {
        private final FakeTime time = new FakeTime();
        private final Visitor[] visitors = new Visitor[CLIENTS];
        private FakeExecutor executor = new FakeExecutor();
        private Hub hub = hub(0);
        private int restarts;

        /** All publications since the restart, in order. */
        private List<Published> published = new ArrayList<>();

        /** The last publication with a key, by client. */
        private final Map<Integer, Published> keyed = new HashMap<>();

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
                    "max-send-seconds", 0); // this model closes no client for slowness
            return new Hub(TestLimits.with(limits), "h" + number, executor, 2, time);
        }

        /** Adds a member that never leaves, so that the room is not removed before a restart. */
        private void keepRoom() {
            Client keeper = hub.connect(
                    new FakeTransport(Mode.INSIDE, Integer.MAX_VALUE),
                    TestProtocol.PUBLICATIONS,
                    "",
                    Access.unrestricted("keeper"));
            keeper.memberships().join("room", null, null, found -> {
                epoch = found.position().epoch();
                return Frame.text("joined");
            });
            executor.runAll();
        }

        void take(Action action, int c) {
            Visitor visitor = visitors[c];
            switch (action) {
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
            Published expected = new Published(published.size() + 1L, data, time.nanos());
            assertThat(offset(subscription, data, key)).isEqualTo(expected.offset);
            published.add(expected);
            if (key != null) {
                keyed.put(visitor.number, expected);
            }
        }

        private static long offset(Subscription subscription, String data, @Nullable String key) {
            return subscription
                    .publish(data, key, true)
                    .toCompletableFuture()
                    .join()
                    .offset();
        }

        /** Repeats a request whose answer may have been lost: the room publishes once while it retains the first publication. */
        private void publishAgain(Visitor visitor) {
            Published before = keyed.get(visitor.number);
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
            published = new ArrayList<>();
            keyed.clear();
            keepRoom();
        }

        List<Published> held() {
            long oldest = time.nanos() - SECONDS * 1_000_000_000L;
            return published.subList(Math.max(0, published.size() - HELD), published.size()).stream()
                    .filter(s -> s.nanos > oldest)
                    .toList();
        }

        void end() {
            executor.runAll();
            for (Visitor visitor : visitors) {
                while (visitor.complete()) {}
                visitor.check(published, true);
            }
        }
    }

    /** A client that reconnects with the position of its last message. */
    private static final class Visitor {
        private final int number;
        private @Nullable Client client;
        private @Nullable FakeTransport transport;
        private @Nullable Position since;
        private @Nullable JoinResult joined;
        /** Whether the model expects a recovery at this join. */
        private boolean expectRecovered;

        private int publishedBefore;
        private List<Published> world = List.of();

        Visitor(int number) {
            this.number = number;
        }

        void connect(World in) {
            if (client != null) {
                return;
            }
            transport = new FakeTransport(number % 2 == 0 ? Mode.LATER : Mode.INSIDE, 1 + number);
            client = in.hub.connect(transport, TestProtocol.PUBLICATIONS, "", Access.unrestricted("user" + number));
            joined = null;
            world = in.published;
            publishedBefore = in.published.size();
            expectRecovered = since != null
                    && since.epoch().equals(in.epoch)
                    && since.offset() >= in.published.size() - in.held().size();
            client.memberships().join("room", since, null, found -> {
                joined = found;
                return Frame.text("joined");
            });
        }

        @Nullable
        Subscription subscription() {
            return client == null ? null : client.memberships().get("room");
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

        /** Checks the frames of this connection, and keeps the position of the last one. */
        void check(List<Published> published, boolean toTheEnd) {
            if (client == null || transport == null) {
                return;
            }
            List<String> received = transport.sent();
            if (received.isEmpty()) {
                return; // it ended before the answer
            }
            assertThat(received.get(0)).isEqualTo("joined");
            assertThat(joined).isNotNull();
            assertThat(joined.recovered()).isEqualTo(expectRecovered);
            assertThat(joined.position().offset()).isEqualTo(publishedBefore);
            List<String> all = new ArrayList<>();
            long from = publishedBefore;
            if (joined.recovered()) {
                joined.messages().forEach(message -> all.add(message.data()));
                from = since.offset();
            } else {
                assertThat(joined.messages()).isEmpty();
            }
            all.addAll(received.subList(1, received.size()));
            List<String> expected = published.subList((int) from, published.size()).stream()
                    .map(Published::data)
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
