package dev.tutti.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tutti.ForkDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Runs JavaScript tests with Node's test runner, with a {@link ServerControl} for them. Stateless. */
public final class NodeTests {
    /** The first version with a test runner and, as an option, WebSocket. */
    private static final int OLDEST_NODE = 20;

    private static final String MISSING =
            "Node.js " + OLDEST_NODE + " or later is missing (apt-get install nodejs npm)";

    private NodeTests() {}

    /** Runs the tests in a directory. Without Node.js it skips them, or fails in CI. */
    public static void run(Path folder) throws IOException, InterruptedException {
        requireNode();
        List<String> command = new ArrayList<>(List.of(
                "node",
                "--experimental-websocket",
                "--no-warnings",
                "--test",
                "--test-reporter=spec",
                "--test-concurrency=1"));
        try (Stream<Path> files = Files.list(folder)) {
            files.map(Path::toAbsolutePath)
                    .map(Path::toString)
                    .filter(name -> name.endsWith(".test.js"))
                    .sorted()
                    .forEach(command::add);
        }
        try (ServerControl control = ServerControl.open()) {
            ProcessBuilder node = new ProcessBuilder(command).redirectErrorStream(true);
            node.environment().put("TUTTI_SERVER_CONTROL", control.address());
            assertThat(run(node)).as("node's exit code; its output is above").isZero();
        }
    }

    /** Skips the test without Node.js, or fails in CI. */
    public static void requireNode() throws InterruptedException {
        boolean found = nodeVersion() >= OLDEST_NODE;
        if (!found) {
            assertThat(System.getenv("CI")).as(MISSING).isNotEqualTo("true");
        }
        assumeThat(found).as(MISSING).isTrue();
    }

    /** Copies a directory to {@code target} and installs its packages there, so that the source tree stays unchanged. Returns the copy. */
    public static Path installed(Path folder) throws IOException, InterruptedException {
        Path home =
                Files.createDirectories(ForkDirectory.named(folder.getFileName().toString()));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, home.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        if (nodeVersion() >= OLDEST_NODE) {
            npm(home, "ci", "--omit=optional");
        }
        return home;
    }

    /** Runs npm in a directory, without scripts of packages. */
    public static void npm(Path home, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("npm"));
        command.addAll(List.of(words));
        command.addAll(List.of("--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"));
        ProcessBuilder npm =
                new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true);
        assertThat(run(npm)).as("npm's exit code; its output is above").isZero();
    }

    private static int run(ProcessBuilder command) throws IOException, InterruptedException {
        Process running = command.start();
        try (BufferedReader output = running.inputReader()) {
            output.lines().forEach(System.out::println);
        } finally {
            running.destroyForcibly();
        }
        return running.waitFor();
    }

    /** Returns the major version of Node.js; 0 if it is not installed. */
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
