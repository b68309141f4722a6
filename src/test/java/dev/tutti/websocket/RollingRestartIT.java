package dev.tutti.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.WarProcess;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two servers behind a balancer restart in turn while clients of all protocols work. For the table in docs/operations.md: {@code
 * -Dtutti.loads=2000}, and {@code -Dtutti.balancer=NGINX} for the other balancer.
 */
@Timeout(300)
class RollingRestartIT {
    private static final int CLIENTS = Integer.getInteger("tutti.loads", 200);
    private static final int DRAIN_SECONDS = CLIENTS > 1_000 ? 10 : 2;
    private static final long MAX_AWAY_MILLIS = 2_000;
    private static final Balancer.Kind BALANCER =
            Balancer.Kind.valueOf(System.getProperty("tutti.balancer", "HAPROXY"));
    /** The times of clients whose timers are later than this say nothing about the servers: the machine has no time for all of them. */
    private static final int MAX_LAG_MILLIS = 100;

    private static final Duration WAIT = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @BeforeAll
    static void requireBalancer() throws InterruptedException {
        boolean found = BALANCER.isInstalled();
        if (!found) {
            assertThat(System.getenv("CI")).as(BALANCER.missing()).isNotEqualTo("true");
        }
        assumeThat(found).as(BALANCER.missing()).isTrue();
    }

    @Test
    void rollingRestartLosesNothingAndNobodyWaits() throws Exception {
        int firstPort = Balancer.freePort();
        int secondPort = Balancer.freePort();
        try (WarProcess first = server(firstPort);
                WarProcess second = server(secondPort);
                Balancer balancer = Balancer.start(BALANCER, directory, firstPort, secondPort)) {
            first.awaitPort();
            second.awaitPort();
            awaitServer(balancer, "first");
            Process clients = clients(balancer.address());
            try (BufferedReader results = clients.inputReader();
                    Writer commands = clients.outputWriter()) {
                assertThat(results.readLine()).isEqualTo("ready");
                begin(commands, "first restart");
                stop(first);
                try (WarProcess again = server(firstPort)) {
                    again.awaitPort();
                    awaitServer(balancer, "first");
                    begin(commands, "second restart");
                    stop(second);
                    begin(commands, "end");
                    check(result(results));
                }
            } finally {
                clients.destroyForcibly();
            }
        }
    }

    private WarProcess server(int port) throws IOException {
        return WarProcess.start(
                directory,
                Map.of("TUTTI_DATA", directory.resolve("data-" + port).toString()),
                "--host=127.0.0.1",
                "--port=" + port,
                "--access=open",
                "--max-connections-per-address=0",
                "--drain-seconds=" + DRAIN_SECONDS,
                "--drain-grace-seconds=" + (BALANCER == Balancer.Kind.HAPROXY ? 1 : 0));
    }

    private Process clients(String address) throws IOException, InterruptedException {
        Path programs = NodeTests.installed(Path.of("src", "test", "javascript", "providers"));
        return new ProcessBuilder(
                        "node",
                        "rolling.js",
                        address,
                        Integer.toString(CLIENTS),
                        Path.of("webapp", "tutti.js").toAbsolutePath().toString())
                .directory(programs.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void awaitServer(Balancer balancer, String name) {
        await().atMost(WAIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> balancer.server().equals(name));
    }

    private static void begin(Writer commands, String phase) throws IOException {
        commands.write(phase + "\n");
        commands.flush();
    }

    private static void stop(WarProcess server) throws InterruptedException {
        server.terminate();
        assertThat(server.awaitExit()).isZero();
        assertThat(server.err()).isEmpty();
    }

    /** Returns the last line, and prints the others. */
    private static JsonObject result(BufferedReader output) throws IOException {
        String line = Objects.requireNonNull(output.readLine(), "the clients have failed");
        while (!line.startsWith("{")) {
            System.out.println(line);
            line = Objects.requireNonNull(output.readLine(), "the clients have failed");
        }
        System.out.println(line);
        try (JsonReader reader = Json.createReader(new StringReader(line))) {
            return reader.readObject();
        }
    }

    private static void check(JsonObject result) {
        assertThat(result.getInt("confirmed")).isGreaterThan(CLIENTS);
        assertThat(result.getInt("lost")).isZero();
        assertThat(result.getInt("unstored")).isZero();
        for (String restart : new String[] {"first restart", "second restart"}) {
            JsonObject phase = result.getJsonObject("phases").getJsonObject(restart);
            assertThat(phase.getInt("reconnects")).as(restart).isGreaterThanOrEqualTo(CLIENTS);
            if (phase.getInt("lagMillis") < MAX_LAG_MILLIS) {
                checkTimes(restart, phase);
            }
        }
    }

    private static void checkTimes(String restart, JsonObject phase) {
        assertThat(phase.getInt("reconnects")).as(restart).isLessThanOrEqualTo(CLIENTS + CLIENTS / 10);
        assertThat(phase.getInt("mostInASecond")).as(restart).isLessThanOrEqualTo(2 * CLIENTS / DRAIN_SECONDS);
        JsonObject away = phase.getJsonObject("longestAwayMillis");
        assertThat(away.keySet()).as("tutti.v1 clients are never away").doesNotContain("tutti.v1");
        assertThat(away.keySet())
                .allSatisfy(protocol -> assertThat(away.getInt(protocol))
                        .as("%s, %s", restart, protocol)
                        .isLessThan((int) MAX_AWAY_MILLIS));
    }
}
