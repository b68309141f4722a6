package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.TimeSource;
import io.lettuce.core.cluster.SlotHash;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The connections to the masters of a Redis Cluster whose slots move. */
class SlotNodesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final NodeAddress A = new NodeAddress("a", 1);
    private static final NodeAddress B = new NodeAddress("b", 1);
    /** Its slot is in the upper half. */
    private static final int PART = 0;

    private long nanos;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    /** By address. */
    private final Map<NodeAddress, FakeNode> nodes = new HashMap<>(Map.of(A, new FakeNode("a"), B, new FakeNode("b")));

    private String answer = answer(1, 2, 8_192);
    private final List<String> events = new ArrayList<>();

    private final TimeSource time = new TimeSource() {
        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long millis() {
            return 0;
        }
    };

    private final SlotNodes slots = new SlotNodes(
            new SlotNodes.Connector() {
                @Override
                public List<NodeAddress> seeds() {
                    return List.of(A);
                }

                @Override
                public Redis.Connector to(NodeAddress node) {
                    return nodes.get(node);
                }

                @Override
                public int slot(String key) {
                    return SlotHash.getSlot(key);
                }

                @Override
                public CompletionStage<Slots> readSlots(NodeAddress node) {
                    return CompletableFuture.completedFuture(Slots.parse(answer, "", false));
                }

                @Override
                public void close() {}
            },
            "test",
            time,
            (task, delayNanos) -> {
                if (delayNanos < SECOND) {
                    tasks.add(task);
                }
            },
            new Random(1));

    /** Returns an answer of CLUSTER NODES: A has the slots from 0, B those from {@code firstOfB}. */
    private static String answer(int epochOfA, int epochOfB, int firstOfB) {
        return "1 a:1@2 master - 0 0 " + epochOfA + " connected 0-" + (firstOfB - 1) + "\n2 b:1@2 master - 0 0 "
                + epochOfB + " connected " + (firstOfB <= 16_383 ? firstOfB + "-16383" : "");
    }

    @BeforeEach
    void start() {
        slots.start(new Nodes.Observer() {
            @Override
            public void connected(Redis redis, Set<Integer> parts) {
                if (parts.contains(PART)) {
                    events.add("connected " + redis);
                }
            }

            @Override
            public void disconnected(Set<Integer> parts) {
                if (parts.contains(PART)) {
                    events.add("disconnected");
                }
            }

            @Override
            public void received(String channel, byte[] message) {}
        });
        runAll();
    }

    private void runAll() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** The slots are those of an answer, and a node says that it does not have a part any more. */
    private void move(String found) {
        answer = found;
        nodes.get(B).moved();
        runAll();
    }

    private Redis present() {
        Redis redis = slots.of(PART);
        assertThat(redis).isNotNull();
        return redis;
    }

    @Test
    void eachPartIsOnTheOwnerOfItsSlot() {
        assertThat(events).containsExactly("connected b1");
        for (int part = 0; part < Nodes.PARTS; part++) {
            assertThat(slots.of(part)).isNotNull();
        }
        assertThat(slots.problem()).isNull();
        assertThat(slots.generations(PART, present())).isEqualTo("b1");
    }

    @Test
    void partThatMovesKeepsItsGenerationIfNothingCanBeLost() {
        slots.calling(PART, present()).run();
        move(answer(3, 2, 16_384));

        assertThat(events).containsExactly("connected b1", "connected a1");
        assertThat(slots.generations(PART, present())).isEqualTo("a1 b1");

        slots.calling(PART, present()).run();
        move(answer(3, 4, 8_192));
        assertThat(slots.generations(PART, present())).isEqualTo("b1 a1 b1");
    }

    @Test
    void partThatWasNotCalledLatelyHasOneGeneration() {
        slots.calling(PART, present()).run();
        nanos += 20 * SECOND;
        move(answer(3, 2, 16_384));

        assertThat(slots.generations(PART, present())).isEqualTo("a1");
    }

    @Test
    void connectionThatIsNewerThanTheLastCallProvesNothing() {
        slots.calling(PART, present()).run();
        nanos += SECOND;
        nodes.get(A).restart();
        runAll();
        move(answer(3, 2, 16_384));

        assertThat(slots.generations(PART, present())).isEqualTo("a2");
    }

    @Test
    void nodeThatHasLostWritesIsNotTrusted() {
        slots.calling(PART, present()).run();
        nodes.get(B).generation++; // and its connection stays
        move(answer(3, 2, 16_384));

        assertThat(slots.generations(PART, present())).isEqualTo("a1");
    }

    @Test
    void answerOfANodeThatLagsBehindIsIgnored() {
        move(answer(3, 2, 16_384));
        move(answer(1, 2, 8_192));

        assertThat(present()).hasToString("a1");
    }

    @Test
    void callWaitsForTheNextConnection() {
        CompletableFuture<Redis> next = slots.next(PART, present()).toCompletableFuture();
        runAll();
        assertThat(next).isNotDone();
        move(answer(3, 2, 16_384));

        assertThat(next).isCompletedWithValueMatching(redis -> redis.toString().equals("a1"));
    }

    @Test
    void callIsMadeAgainWhereItsPartHasMoved() {
        CompletableFuture<String> call = slots.follow(
                        PART,
                        present(),
                        at -> at.toString().equals("b1")
                                ? CompletableFuture.failedFuture(new MovedException("another node has it"))
                                : CompletableFuture.completedFuture("done at " + at))
                .toCompletableFuture();
        runAll();
        assertThat(call).isNotDone();
        move(answer(3, 2, 16_384));

        assertThat(call).isCompletedWithValue("done at a1");
    }

    /** The part has left its node, and was back before anybody saw it. */
    @Test
    void partThatHasLostAChannelIsConnectedAgain() {
        slots.calling(PART, present()).run();
        nodes.get(B).unsubscribed(RoomKeys.tag(PART));
        nodes.get(B).moved();
        runAll();
        assertThat(events).containsExactly("connected b1", "connected b1");

        nodes.get(B).unsubscribed(RoomKeys.tag(PART)); // Redis has refused the subscription for now
        slots.tick();
        runAll();
        slots.tick();
        runAll();
        assertThat(events).hasSize(3);
        assertThat(slots.generations(PART, present())).isEqualTo("b1");
    }

    @Test
    void endOfAConnectionConcernsItsPartsAlone() {
        nodes.get(A).isAway = true;
        nodes.get(A).restart();
        assertThat(events).containsExactly("connected b1");
        assertThat(slots.problem()).satisfies(problem -> {
            assertThat(problem.isPartial()).isTrue();
            assertThat(problem.reason())
                    .isEqualTo(slots.partsAway() + " of 129 parts of Redis are away, " + slots.partsAway()
                            + " of a:1: Redis is away: the connection has ended");
        });

        nodes.get(B).restart();
        runAll();
        assertThat(events).containsExactly("connected b1", "disconnected", "connected b2");
    }

    @Test
    void awayMastersAreAProblemOfAllOnlyTogether() {
        nodes.values().forEach(node -> node.isAway = true);
        nodes.get(A).restart();
        assertThat(slots.problem().isPartial()).isTrue();
        nodes.get(B).restart();
        assertThat(slots.problem().isPartial()).isFalse();
        assertThat(slots.partsAway()).isEqualTo(Nodes.PARTS);
    }

    @Test
    void partWhoseMasterReturnsHasOneGeneration() {
        slots.calling(PART, present()).run();
        nodes.get(B).restart();
        runAll();

        assertThat(slots.generations(PART, present())).isEqualTo("b2");
    }

    /** A node that connects at once. */
    private static final class FakeNode implements Redis.Connector {
        private final String name;
        private int generation = 1;
        private boolean isAway;
        private @Nullable FakeRedis open;

        FakeNode(String name) {
            this.name = name;
        }

        @Override
        public CompletionStage<Redis> connect(Redis.Listener listener) {
            if (isAway) {
                return CompletableFuture.failedFuture(new IllegalStateException("away"));
            }
            open = new FakeRedis(this, listener, name + generation);
            return CompletableFuture.completedFuture(open);
        }

        void restart() {
            generation++;
            FakeRedis ended = open;
            if (ended != null) {
                ended.listener.ended(ended);
            }
        }

        void unsubscribed(String channel) {
            FakeRedis asked = open;
            if (asked != null) {
                asked.listener.unsubscribed(channel);
            }
        }

        void moved() {
            FakeRedis asked = open;
            if (asked != null) {
                asked.listener.moved("a:1");
            }
        }

        @Override
        public String address() {
            return name;
        }

        @Override
        public void close() {}
    }

    private record FakeRedis(FakeNode node, Listener listener, String generation) implements UncalledRedis {
        @Override
        public CompletionStage<String> readGeneration() {
            return CompletableFuture.completedFuture(node.name + node.generation);
        }

        @Override
        public String toString() {
            return generation;
        }
    }
}
