package dev.tutti.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs the tests of webapp/tutti.js, which are Node's, with a real server and a line to it that they can break. */
class TuttiJsIT {
    private static final Path TESTS = Path.of("src", "test", "javascript", "tutti");

    /** The first with its own test runner and, if asked for, WebSocket. */
    private static final int OLDEST_NODE = 20;

    private static final String MISSING = "No Node.js " + OLDEST_NODE + " or later found (apt-get install nodejs)";

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void theTestsInJavaScriptPass() throws IOException, InterruptedException {
        boolean found = nodeVersion() >= OLDEST_NODE;
        if (!found) {
            assertThat(System.getenv("CI")).as(MISSING).isNotEqualTo("true");
            System.err.println(
                    "webapp/tutti.js is not tested. " + MISSING); // the reason of a skip is in the report only
        }
        assumeThat(found).as(MISSING).isTrue();

        List<String> command = new ArrayList<>(List.of(
                "node",
                "--experimental-websocket",
                "--no-warnings",
                "--test",
                "--test-reporter=spec",
                "--test-concurrency=1"));
        try (Stream<Path> files = Files.list(TESTS)) {
            files.map(Path::toString)
                    .filter(name -> name.endsWith(".test.js"))
                    .sorted()
                    .forEach(command::add);
        }
        try (Backstage backstage = Backstage.open()) {
            ProcessBuilder node = new ProcessBuilder(command).redirectErrorStream(true);
            node.environment().put("TUTTI_BACKSTAGE", backstage.address());
            Process running = node.start();
            try (BufferedReader output = running.inputReader()) {
                output.lines().forEach(System.out::println);
            } finally {
                running.destroyForcibly();
            }
            assertThat(running.waitFor())
                    .as("node's exit code; its output is above")
                    .isZero();
        }
    }

    /** Returns 0 where there is no Node. */
    private static int nodeVersion() throws InterruptedException {
        try {
            Process node = new ProcessBuilder("node", "--version").start();
            String version = node.inputReader().readLine(); // v20.19.2
            return node.waitFor() == 0 ? Integer.parseInt(version.substring(1, version.indexOf('.'))) : 0;
        } catch (IOException e) {
            return 0;
        }
    }
}
