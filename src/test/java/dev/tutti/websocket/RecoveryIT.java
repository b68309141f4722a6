package dev.tutti.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.TestSettings;
import dev.tutti.standalone.StandaloneServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many clients publish and recover while their connections are reset again and again. */
class RecoveryIT {
    private static final int CLIENTS = 200;
    private static final int EACH = 50;
    private static final int SECONDS = Integer.getInteger("tutti.recovery.seconds", 60);
    /** Connections last three seconds on average; the proxy has two sockets for each. */
    private static final double CUT_PER_TICK = 0.02 / 3 / 2;

    private static final Map<String, String> SETTINGS =
            Map.of("max-connections-per-address", "0", "max-messages-per-second", "0");

    @Test
    @Timeout(300)
    void recoveryHasNoGapsAndNoDuplicates() throws Exception {
        StandaloneServer server = StandaloneServer.start(TestSettings.of(SETTINGS), null);
        ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RecoveryLog log = new RecoveryLog(2 * CLIENTS * EACH);
        List<RecoveringClient> clients = List.of();
        int cuts = 0;
        try (TcpProxy proxy = TcpProxy.to(server.port())) {
            clients = IntStream.range(0, CLIENTS)
                    .mapToObj(i -> new RecoveringClient(i, proxy.port(), log, scheduler, new Random(seed + i)))
                    .toList();
            clients.forEach(RecoveringClient::connect);
            for (RecoveringClient client : clients) {
                client.startPublishing(EACH, SECONDS * 1_000L / EACH);
            }
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            while (System.nanoTime() < end) {
                cuts += proxy.cut(random, CUT_PER_TICK);
                Thread.sleep(20); // the pace of the resets, not a wait for a condition
            }
            List<RecoveringClient> all = clients;
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(50))
                    .untilAsserted(() -> assertThat(all.stream().filter(client -> !client.isDone()))
                            .as("not done, though %d was published last, and faults %s", log.last(), log.faults())
                            .isEmpty());
        } finally {
            clients.forEach(RecoveringClient::close);
            scheduler.shutdownNow();
            server.stop();
        }

        System.out.printf(
                "recovery, seed %d: %d clients, %d messages, %d resets; %d joins recovered, %d with reason not, %d messages"
                        + " known to be missed; %d sent again, %d of them published again after they were forgotten;"
                        + " gaps, duplicates and other faults: %d%n",
                seed,
                CLIENTS,
                log.published(),
                cuts,
                log.recovered(),
                log.notRecovered(),
                log.missed(),
                log.sentAgain(),
                log.republished(),
                log.faults().size());
        assertThat(log.faults()).as("seed %d", seed).isEmpty();
        assertThat(log.published()).isEqualTo(CLIENTS * EACH);
        assertThat(log.recovered()).isGreaterThan(CLIENTS);
    }
}
