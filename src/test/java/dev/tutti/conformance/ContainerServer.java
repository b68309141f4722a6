package dev.tutti.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.ForkDirectory;
import dev.tutti.settings.Settings;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A server in its own process, with the WAR deployed. It works in {@code target/conformance-<fork>/<name>}, so that {@code target/servers}
 * stays unchanged. Its log remains there.
 */
public abstract class ContainerServer implements ServerUnderTest {
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofSeconds(30);

    private static final int MAX_PORTS = 5;
    private static final Pattern COLOURS = Pattern.compile("\u001b\\[[0-9;]*m");

    private final String contextPath;
    private final Path directory;
    private final Map<String, String> settings = new HashMap<>(SETTINGS);
    private Process process;
    private final List<String> options = new ArrayList<>();
    private String heap = "512m";
    /** The second compiler doubles the CPU time of a server that runs for a minute. */
    private boolean isOptimizing;

    private final Map<String, String> passwords = new HashMap<>();
    private Path deployment;
    private int port;

    ContainerServer(String name, String contextPath) {
        this.contextPath = contextPath;
        this.directory = ForkDirectory.named("conformance").toAbsolutePath().resolve(name);
    }

    /** Sets the heap, 512 MB by default, as an option of {@code -Xmx}. */
    public final ContainerServer withHeap(String size) {
        heap = size;
        return this;
    }

    /** Compiles as in production, for tests that measure. */
    public final ContainerServer optimizing() {
        isOptimizing = true;
        return this;
    }

    /** Adds an option of the server's JVM. */
    public final ContainerServer withOption(String option) {
        options.add(option);
        return this;
    }

    /** Adds a setting of the application. */
    public final ContainerServer with(String setting, String value) {
        settings.put(setting, value);
        return this;
    }

    /** Adds settings of the application. */
    public final ContainerServer with(Map<String, String> more) {
        settings.putAll(more);
        return this;
    }

    /** Deploys another WAR than that of the build. */
    public final ContainerServer withWar(Path war) {
        deployment = war;
        return this;
    }

    /** Adds a user whom the container authenticates with a password. */
    public final ContainerServer withUser(String name, String password) {
        passwords.put(name, password);
        return this;
    }

    /** Returns the WAR to deploy. */
    final Path deployment() {
        return deployment == null ? war() : deployment;
    }

    /** Returns the users' passwords by name. */
    final Map<String, String> passwords() {
        return passwords;
    }

    /** Creates the server's files. Returns the command that runs it, without java and its heap. */
    abstract List<String> prepare(Path directory, int port) throws IOException;

    /** Returns environment variables for the server, in addition to the application's settings. */
    Map<String, String> environment(Path directory) {
        return Map.of();
    }

    @Override
    public final void start() throws Exception {
        for (int attempt = 1; !startOn(freePort()); attempt++) {
            assertThat(attempt).as("ports taken by others in the meantime").isLessThan(MAX_PORTS);
            stop();
        }
    }

    /** Starts the server. Returns false if another process has taken the port. */
    private boolean startOn(int freePort) throws Exception {
        port = freePort;
        delete(directory);
        Files.createDirectories(directory);
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx" + heap));
        command.add("-Djava.io.tmpdir=" + Files.createDirectory(directory.resolve("tmp")));
        if (!isOptimizing) {
            command.add("-XX:TieredStopAtLevel=1");
        }
        command.addAll(options);
        command.addAll(prepare(directory, port));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(logFile());
        settings.forEach((name, value) -> builder.environment().put(Settings.environmentName(name), value));
        builder.environment().putAll(environment(directory));
        process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        await().atMost(START)
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptionsMatching(IOException.class::isInstance) // not listening yet
                .until(() -> isPortTaken() || hasEnded() || health().statusCode() == 200);
        assertThat(hasEnded() && !isPortTaken())
                .as("the server could not start, see %s", logFile())
                .isFalse();
        return !isPortTaken();
    }

    private boolean hasEnded() {
        return !process.isAlive();
    }

    private boolean isPortTaken() throws IOException {
        return wholeLog().contains("Address already in use");
    }

    @Override
    public final void stop() throws InterruptedException {
        if (process == null) {
            return;
        }
        process.destroy();
        boolean ended = process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS);
        process.destroyForcibly();
        process = null;
        assertThat(ended).as("the server ends after its stop command").isTrue();
    }

    /** Returns the id of the running process. */
    public final long pid() {
        return process.pid();
    }

    /** Returns the output of a jcmd command for the server's JVM. A class histogram collects garbage first. */
    final String jcmd(String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        String output = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(jcmd.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(jcmd.exitValue()).as(output).isZero();
        return output;
    }

    @Override
    public final int port() {
        return port;
    }

    @Override
    public final String contextPath() {
        return contextPath;
    }

    @Override
    public String log() throws IOException {
        return wholeLog();
    }

    /** Returns the log so far, with messages about the server's own faults. */
    private String wholeLog() throws IOException {
        return COLOURS.matcher(Files.readString(logFile().toPath(), StandardCharsets.UTF_8))
                .replaceAll("");
    }

    /** Returns the server's working directory. */
    final Path directory() {
        return directory;
    }

    private File logFile() {
        return directory.resolve("output.log").toFile();
    }

    /** Returns the directory with the unpacked servers. */
    static Path servers() {
        return Path.of(property("tutti.servers"));
    }

    static Path war() {
        return Path.of(property("tutti.war"));
    }

    /** Returns a system property that the build sets. */
    static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException("run by \"mvn verify\", which sets " + name);
        }
        return value;
    }

    /** Returns the file name with which a server deploys the WAR at this context path. */
    static String warName(String contextPath) {
        return (contextPath.isEmpty() ? "ROOT" : contextPath.substring(1)) + ".war";
    }

    /** Returns a free port; another process may still take it. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        }
    }
}
