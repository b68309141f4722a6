package dev.tutti.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.Given;
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

/** Many who come and go in the middle of everything, whose connections are reset again and again. */
class RecoveryIT {
    private static final int VISITORS = 200;
    private static final int EACH = 50;
    private static final int SECONDS = Integer.getInteger("tutti.recovery.seconds", 60);
    /** A connection lasts three seconds on average; a cable has two sockets for each. */
    private static final double CUT_PER_TICK = 0.02 / 3 / 2;

    private static final Map<String, String> SETTINGS =
            Map.of("max-connections-per-address", "0", "max-messages-per-second", "0");

    @Test
    @Timeout(300)
    void recoveryHasNoGapsAndNoDuplicates() throws Exception {
        StandaloneServer server = StandaloneServer.start(Given.settings(SETTINGS), null);
        ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Visitor.Minutes minutes = new Visitor.Minutes(2 * VISITORS * EACH);
        List<Visitor> visitors = List.of();
        int cuts = 0;
        try (Cable cable = Cable.to(server.port())) {
            visitors = IntStream.range(0, VISITORS)
                    .mapToObj(i -> new Visitor(i, cable.port(), minutes, scheduler, new Random(seed + i)))
                    .toList();
            visitors.forEach(Visitor::connect);
            for (Visitor visitor : visitors) {
                visitor.speak(EACH, SECONDS * 1_000L / EACH);
            }
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            while (System.nanoTime() < end) {
                cuts += cable.cut(random, CUT_PER_TICK);
                Thread.sleep(20); // the pace of what happens, not a wait for it
            }
            List<Visitor> all = visitors;
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(50))
                    .untilAsserted(() -> assertThat(all.stream().filter(visitor -> !visitor.isDone()))
                            .as("not done, though %d was said last, and faults %s", minutes.last(), minutes.faults())
                            .isEmpty());
        } finally {
            visitors.forEach(Visitor::close);
            scheduler.shutdownNow();
            server.stop();
        }

        System.out.printf(
                "recovery, seed %d: %d clients, %d messages, %d resets; %d joins recovered, %d with reason not, %d messages"
                        + " known to be missed; %d sent again, %d of them published again after they were forgotten;"
                        + " gaps, duplicates and other faults: %d%n",
                seed,
                VISITORS,
                minutes.said(),
                cuts,
                minutes.recovered(),
                minutes.notRecovered(),
                minutes.missed(),
                minutes.sentAgain(),
                minutes.saidAgain(),
                minutes.faults().size());
        assertThat(minutes.faults()).as("seed %d", seed).isEmpty();
        assertThat(minutes.said()).isEqualTo(VISITORS * EACH);
        assertThat(minutes.recovered()).isGreaterThan(VISITORS);
    }
}
