package dev.tutti.client;

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

/** Tests in JavaScript, run by Node's own test runner, with a {@link Backstage} of their own. Stateless. */
final class NodeTests {
    /** The first with its own test runner and, if asked for, WebSocket. */
    private static final int OLDEST_NODE = 20;

    private static final String MISSING = "No Node.js " + OLDEST_NODE + " or later found (apt-get install nodejs npm)";

    private NodeTests() {}

    /** Runs the tests of a folder; without Node they are skipped, but not in CI. */
    static void run(Path folder) throws IOException, InterruptedException {
        boolean found = nodeVersion() >= OLDEST_NODE;
        if (!found) {
            assertThat(System.getenv("CI")).as(MISSING).isNotEqualTo("true");
            System.err.println(folder + " is not run. " + MISSING); // the reason of a skip is in the report only
        }
        assumeThat(found).as(MISSING).isTrue();

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
        try (Backstage backstage = Backstage.open()) {
            ProcessBuilder node = new ProcessBuilder(command).redirectErrorStream(true);
            node.environment().put("TUTTI_BACKSTAGE", backstage.address());
            assertThat(run(node)).as("node's exit code; its output is above").isZero();
        }
    }

    /** Returns a copy of a folder under {@code target} with the packages that it asks for, so that the source tree stays as it is. */
    static Path installed(Path folder) throws IOException, InterruptedException {
        Path home =
                Files.createDirectories(ForkDirectory.named(folder.getFileName().toString()));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, home.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        if (nodeVersion() >= OLDEST_NODE) {
            ProcessBuilder npm = new ProcessBuilder(
                            "npm", "ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund")
                    .directory(home.toFile())
                    .redirectErrorStream(true);
            assertThat(run(npm)).as("npm's exit code; its output is above").isZero();
        }
        return home;
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
