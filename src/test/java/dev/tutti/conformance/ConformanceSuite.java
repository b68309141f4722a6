package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.metrics.PrometheusText;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cases of slow, lost and unwanted connections, and by inheritance those of all protocols. */
abstract class ConformanceSuite extends MessageSuite {
    ConformanceSuite(ServerUnderTest server) {
        super(server);
    }

    @ParameterizedTest
    @ValueSource(strings = {"started", "live", "ready"})
    void healthAnswersOnEveryPath(String kind) throws Exception {
        HttpResponse<String> response = server.get("/health/" + kind);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).startsWith("{\"status\":\"UP\",\"checks\":[");
    }

    @Test
    void slowClientIsClosedOthersUnaffected() throws Exception {
        int others = 20;
        int senders = 4;
        String filler = "x".repeat(16_000);
        List<JdkClient> all = join(others);
        RawClient stalled = connect(2048);
        awaitClients(others + 1);

        AtomicInteger sent = new AtomicInteger();
        ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
        try {
            // 100 messages a second.
            Future<?> ticking = scheduler.scheduleAtFixedRate(
                    () -> {
                        int n = sent.getAndIncrement();
                        all.get(n % senders).send("\"" + n + ":" + filler + "\"");
                    },
                    0,
                    10,
                    TimeUnit.MILLISECONDS);
            await().atMost(Duration.ofSeconds(15)).until(() -> server.clients() == others);
            ticking.cancel(false);
        } finally {
            end(scheduler);
        }

        awaitCount(sent.get(), all);
        assertThat(stalled.readToEnd()).isNotNull(); // or the read times out
        assertThat(server.clients()).isEqualTo(others);
    }

    /** Of both protocols at once, because it takes ten seconds. */
    @Test
    void clientsWithoutPongAreClosed() throws Exception {
        JdkClient alive = join();
        TuttiClient watcher = tutti();
        watcher.ask("'type':'join','room':'vanishing'");
        RawClient silentMember = RawClient.connect(server, "/connect", 0, "Sec-WebSocket-Protocol: tutti.v1");
        clients.add(silentMember);
        silentMember.sendText("{\"type\":\"join\",\"id\":1,\"room\":\"vanishing\"}");
        String entered = watcher.awaitAll("entered", 1).get(0).getString("client");
        RawClient silent = connect();
        awaitClients(4);

        assertThat(watcher.awaitAll("left", 1).get(0).getString("client")).isEqualTo(entered); // within 8 s
        assertThat(server.clients()).isEqualTo(3);
        awaitClients(2); // the server pings after 5 s of silence and waits 5 s for the pong

        assertThat(silent.readToClose()).isNotNull(); // or the read times out
        alive.send("\"alive\"");
        awaitReceived(List.of("\"alive\""), alive);
    }

    @Test
    void resetsDuringTrafficDoNotAffectOthers() throws Exception {
        int others = 10;
        int resets = 200;
        int resetsAtOnce = 20;
        List<JdkClient> all = join(others);
        List<RawClient> resetting = new ArrayList<>();
        for (int i = 0; i < resets; i++) {
            resetting.add(connect());
        }
        awaitClients(others + resets);

        AtomicInteger sent = new AtomicInteger();
        ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
        try {
            Future<?> ticking = scheduler.scheduleAtFixedRate(
                    () -> {
                        int n = sent.getAndIncrement();
                        all.get(n % others).send("\"" + n + "\"");
                    },
                    0,
                    2,
                    TimeUnit.MILLISECONDS);
            JdkClient witness = all.get(0);
            for (int i = 0; i < resets; i += resetsAtOnce) {
                int received = witness.count();
                await().atMost(TIMEOUT)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> witness.count() >= received + resetsAtOnce);
                for (RawClient client : resetting.subList(i, i + resetsAtOnce)) {
                    client.reset();
                }
            }
            awaitClients(others);
            ticking.cancel(false);
        } finally {
            end(scheduler);
        }

        awaitCount(sent.get(), all);
    }

    /** Expects the server's close frame; one may be lost on a server that mixes up its pooled requests. */
    private void closeCleanly(RawClient client, AtomicInteger unanswered) throws IOException {
        try {
            assertThat(client.closeCleanly().code()).isEqualTo(1000);
        } catch (SocketTimeoutException e) {
            if (server.handshakeAttempts() == 1 || unanswered.incrementAndGet() > 1) {
                throw e;
            }
        }
    }

    @Test
    void registryIsEmptyAfter2000Connections() throws Exception {
        int threads = 8;
        int rounds = 125; // of two connections each
        AtomicInteger unanswered = new AtomicInteger();
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            IntFunction<Callable<Void>> comingAndGoing = thread -> () -> {
                // a server may count reset clients until its next ping: too many for one address
                String address = OS.LINUX.isCurrentOs() ? "127.0.0." + (3 + thread) : "127.0.0.1";
                for (int i = 0; i < rounds; i++) {
                    try (RawClient polite = RawClient.connectFrom(address, server, "/ws");
                            RawClient rude = RawClient.connectFrom(address, server, "/ws")) {
                        assertThat(polite.status()).isEqualTo(101);
                        assertThat(rude.status()).isEqualTo(101);
                        rude.reset();
                        closeCleanly(polite, unanswered);
                    }
                }
                return null;
            };
            for (Future<Void> done : executor.invokeAll(
                    IntStream.range(0, threads).mapToObj(comingAndGoing).toList())) {
                done.get();
            }
        } finally {
            end(executor);
        }

        awaitClients(0);
        JdkClient afterwards = join();
        afterwards.send("\"still here\"");
        awaitReceived(List.of("\"still here\""), afterwards);
    }

    @Test
    void floodingClientIsClosedWith1008() throws Exception {
        int tooMany = 4 * ServerUnderTest.MAX_MESSAGE_BURST; // unless a server takes 15 s for them
        List<String> flood =
                IntStream.range(0, tooMany).mapToObj(i -> "\"" + i + "\"").toList();
        JdkClient other = join();
        RawClient flooding = connect();
        awaitClients(2);

        try {
            for (String message : flood) {
                flooding.sendText(message);
            }
        } catch (IOException e) {
            // the server closed before the end of the flood
        }

        RawClient.End end = flooding.readToEnd();
        assertThat(server.closeCodesOfSender(1008)).as(end.toString()).contains(end.code());
        assertThat(end.reason()).isEqualTo(end.code() == 1008 ? "too many messages a second" : "");
        awaitClients(1);
        other.send("\"after\"");
        await().atMost(TIMEOUT).until(() -> other.received().contains("\"after\""));
        int allowed = other.count() - 1;
        assertThat(allowed).isBetween(ServerUnderTest.MAX_MESSAGE_BURST, tooMany - 1);
        List<String> expected = new ArrayList<>(flood.subList(0, allowed));
        expected.add("\"after\"");
        assertThat(other.received()).isEqualTo(expected);
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere the loopback has one address")
    void addressOverConnectionLimitIsRefused() throws Exception {
        JdkClient early = join();
        for (int i = 0; i < ServerUnderTest.MAX_CONNECTIONS_PER_ADDRESS; i++) {
            RawClient one = RawClient.connectFrom("127.0.0.2", server, "/ws/crowd");
            clients.add(one);
            assertThat(one.status()).isEqualTo(101);
        }
        awaitClients(1 + ServerUnderTest.MAX_CONNECTIONS_PER_ADDRESS);

        try (RawClient tooMuch = RawClient.connectFrom("127.0.0.2", server, "/ws/crowd")) {
            assertThat(tooMuch.status()).isEqualTo(429);
        }

        JdkClient late = join();
        late.send("\"hello\"");
        awaitReceived(List.of("\"hello\""), early, late);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://evil.example",
                "http://127.0.0.1",
                "http://127.0.0.1:1",
                "http://localhost.evil.example",
                "null",
                "file://"
            })
    void foreignOriginIsRefusedWith403(String origin) throws Exception {
        try (RawClient client = RawClient.connect(server, "Origin: " + origin)) {
            assertThat(client.status()).isEqualTo(403);
        }
    }

    @Test
    void metricsCountConnectionsAndMessages() throws Exception {
        JdkClient client = join();
        PrometheusText before = server.metrics();
        client.send("\"counted\"");
        awaitCount(1, List.of(client));

        await().untilAsserted(() -> {
            PrometheusText after = server.metrics();
            assertThat(after.value("tutti_connections{endpoint=\"/ws\"}")).isOne();
            for (String counter : List.of(
                    "tutti_messages_received_total{protocol=\"plain\"}",
                    "tutti_deliveries_total{protocol=\"plain\"}",
                    "tutti_publications_total",
                    "tutti_frames_sent_total")) {
                assertThat(after.value(counter) - before.value(counter))
                        .as(counter)
                        .isOne();
            }
        });
    }

    @Test
    void sameOriginIsAccepted() throws Exception {
        RawClient client = connect("Origin: http://127.0.0.1:" + server.port());

        client.sendText("\"hello\"");

        assertThat(client.readText()).isEqualTo("\"hello\"");
    }

    /** Shuts a thread pool down and waits for its running tasks. */
    private static void end(ExecutorService executor) throws InterruptedException {
        executor.shutdown();
        assertThat(executor.awaitTermination(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS))
                .isTrue();
    }
}
