package dev.tutti.hub;

import static dev.tutti.hub.TestClients.join;
import static dev.tutti.hub.TestClients.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.hub.FakeTransport.Mode;
import dev.tutti.security.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The order and completeness of a room's messages under random schedules. */
class RoomModelTest {
    private static final int CLIENTS = 4;

    private enum Action {
        JOIN,
        LEAVE,
        PUBLISH,
        COMPLETE,
        RUN
    }

    private record Step(Action action, int client) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Action> actions = Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.just(Action.JOIN)),
                Tuple.of(1, Arbitraries.just(Action.LEAVE)),
                Tuple.of(6, Arbitraries.just(Action.PUBLISH)),
                Tuple.of(4, Arbitraries.just(Action.COMPLETE)),
                Tuple.of(4, Arbitraries.just(Action.RUN)));
        return Combinators.combine(actions, Arbitraries.integers().between(0, CLIENTS - 1))
                .as(Step::new)
                .list()
                .ofMaxSize(200);
    }

    /** So that some publications come alone, and the publishing client's thread delivers them, and others do not. */
    private static final long STEP_NANOS = 300_000;

    /** The model: one list of all publications, and for each client the part of it from its join to its leave. */
    @Property
    void memberReceivesExactlyTheMessagesOfItsStay(@ForAll("steps") List<Step> steps) {
        FakeExecutor executor = new FakeExecutor();
        FakeTime time = new FakeTime();
        Hub hub = new Hub(TestLimits.with(Map.of("max-messages-per-second", 0)), "h", executor, 2, time);
        List<String> published = new ArrayList<>();
        Client[] clients = new Client[CLIENTS];
        FakeTransport[] transports = new FakeTransport[CLIENTS];
        int[] joinedAt = new int[CLIENTS];
        record Expected(FakeTransport transport, List<String> received, boolean stayed) {}
        List<Expected> expected = new ArrayList<>();
        for (Step step : steps) {
            time.passNanos(STEP_NANOS);
            int c = step.client;
            switch (step.action) {
                case JOIN -> {
                    if (clients[c] == null) {
                        transports[c] = new FakeTransport(c % 2 == 0 ? Mode.LATER : Mode.INSIDE, 1 + c);
                        clients[c] = hub.connect(transports[c], TestProtocol.PUBLICATIONS, "", Access.unrestricted(""));
                        join(clients[c], "room");
                        joinedAt[c] = published.size();
                    }
                }
                case LEAVE -> {
                    if (clients[c] != null) {
                        clients[c].disconnected();
                        expected.add(new Expected(
                                transports[c], List.copyOf(published.subList(joinedAt[c], published.size())), false));
                        clients[c] = null;
                    }
                }
                case PUBLISH -> {
                    if (clients[c] != null) {
                        String message = c + ":" + published.size();
                        published.add(message);
                        publish(clients[c], "room", message);
                    }
                }
                case COMPLETE -> {
                    if (transports[c] != null) {
                        transports[c].complete();
                    }
                }
                case RUN -> executor.runOne();
            }
        }
        executor.runAll();
        for (int c = 0; c < CLIENTS; c++) {
            if (clients[c] != null) {
                while (transports[c].complete()) {}
                expected.add(new Expected(transports[c], published.subList(joinedAt[c], published.size()), true));
            }
        }

        for (Expected e : expected) {
            List<String> received = e.transport.sent();
            if (e.stayed) {
                assertThat(received).isEqualTo(e.received);
            } else { // a client that left received a prefix, without gaps and duplicates
                assertThat(received).isEqualTo(e.received.subList(0, Math.min(received.size(), e.received.size())));
            }
        }
    }

    @Test
    @Timeout(60)
    void thousandClientsReceiveOneOrder() throws InterruptedException {
        int threads = 8;
        int each = 400;
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            Hub hub =
                    new Hub(TestLimits.with(Map.of("max-messages-per-second", 0)), "h", executor, 2, TimeSource.SYSTEM);
            List<FakeTransport> transports = new ArrayList<>();
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                FakeTransport transport = new FakeTransport(Mode.INSIDE, Integer.MAX_VALUE);
                transports.add(transport);
                Client client = hub.connect(transport, TestProtocol.PUBLICATIONS, "", Access.unrestricted(""));
                join(client, "room");
                clients.add(client);
            }
            CountDownLatch done = new CountDownLatch(threads);
            for (int t = 0; t < threads; t++) {
                int thread = t;
                new Thread(() -> {
                            for (int i = 0; i < each; i++) {
                                publish(clients.get(thread), "room", thread + ":" + i);
                            }
                            done.countDown();
                        })
                        .start();
            }
            assertThat(done.await(50, TimeUnit.SECONDS)).isTrue();
            await().until(() -> transports.stream().allMatch(transport -> transport.sentCount() == threads * each));

            List<String> order = transports.get(0).sent();
            for (FakeTransport transport : transports) {
                assertThat(transport.sent()).isEqualTo(order);
            }
            for (int t = 0; t < threads; t++) {
                String prefix = t + ":";
                assertThat(order.stream().filter(message -> message.startsWith(prefix)))
                        .containsExactlyElementsOf(IntStream.range(0, each)
                                .mapToObj(i -> prefix + i)
                                .toList());
            }
        } finally {
            executor.shutdownNow();
        }
    }
}
