package dev.tutti;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server process and its output: {@code java -jar tutti.war}, or {@code mvn}. Safe for any thread. */
public final class WarProcess implements AutoCloseable {
    /** Far more than a start or stop takes, for busy machines. */
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private static final Pattern ADDRESS = Pattern.compile("Tutti \\S+ is at http://127\\.0\\.0\\.1:(\\d+); .*");

    private final Process process;
    private final List<Thread> readers = new ArrayList<>();
    private final List<String> out = new CopyOnWriteArrayList<>();
    private final List<String> err = new CopyOnWriteArrayList<>();

    private WarProcess(Process process) {
        this.process = process;
        collect(process.getInputStream(), out);
        collect(process.getErrorStream(), err);
    }

    /** Starts a process with documents in memory, which unpacks into {@code cache}. Of Tutti's and Java's variables it gets only {@code environment}. */
    public static WarProcess start(Path cache, Map<String, String> environment, String... options) throws IOException {
        return startIn(List.of(), cache, environment, options);
    }

    /**
     * Starts the same server from the class path of the tests, which also has the client for Redis; with documents in memory. Of Tutti's and Java's
     * variables it gets none.
     */
    public static WarProcess startClasses(Path cache, String... options) throws IOException {
        return startClasses(cache, Map.of(), options);
    }

    /** As above; of Tutti's and Java's variables it gets only {@code environment}. */
    public static WarProcess startClasses(Path cache, Map<String, String> environment, String... options)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.tutti.standalone.Main"));
        command.addAll(List.of(options));
        return start(new ProcessBuilder(command), cache, environment);
    }

    /** Starts another WAR, such as one of an earlier version; else as {@link #start(Path, Map, String...)}. */
    public static WarProcess startWar(Path war, Path cache, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-jar",
                war.toString()));
        command.addAll(List.of(options));
        return start(new ProcessBuilder(command), cache, Map.of());
    }

    /** Starts {@code java} with these arguments, which may name a file of arguments; else as {@link #start(Path, Map, String...)}. */
    public static WarProcess startJava(Path cache, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(arguments));
        return start(new ProcessBuilder(command), cache, Map.of());
    }

    /** Starts a process by a wrapper, a command that executes its arguments. */
    public static WarProcess startIn(
            List<String> wrapper, Path cache, Map<String, String> environment, String... options) throws IOException {
        return startIn(wrapper, List.of(), cache, environment, options);
    }

    /** Starts a process by a wrapper, with options of the JVM. */
    public static WarProcess startIn(
            List<String> wrapper,
            List<String> jvmOptions,
            Path cache,
            Map<String, String> environment,
            String... options)
            throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of("-jar", System.getProperty("tutti.war")));
        command.addAll(List.of(options));
        return start(new ProcessBuilder(command), cache, environment);
    }

    /** Starts the server as the run command of README.md does, {@code mvn}, from the classes that this build has compiled. */
    public static WarProcess startByMaven(Path cache, String... options) throws IOException {
        Path maven = Path.of(System.getProperty("tutti.maven.home"), "bin", "mvn");
        return start(
                new ProcessBuilder(
                        maven.toString(),
                        "--offline",
                        "--quiet",
                        "-Dmaven.repo.local=" + System.getProperty("tutti.maven.repository"),
                        "-Dexec.args=" + String.join(" ", options),
                        "exec:java"),
                cache,
                Map.of("JAVA_HOME", System.getProperty("java.home")));
    }

    private static WarProcess start(ProcessBuilder builder, Path cache, Map<String, String> environment)
            throws IOException {
        builder.environment()
                .keySet()
                .removeIf(
                        name -> name.startsWith("TUTTI_") || name.endsWith("JAVA_OPTIONS") || name.startsWith("JAVA_"));
        builder.environment().put("XDG_CACHE_HOME", cache.toString());
        builder.environment().put("TUTTI_DATA", "none");
        builder.environment().putAll(environment);
        return new WarProcess(builder.start());
    }

    /** Waits until the server prints its address, and returns its port. */
    public int awaitPort() {
        await().atMost(TIMEOUT).until(() -> !out.isEmpty() || !process.isAlive());
        assertThat(out).as("standard output; standard error is %s", err).hasSize(1);
        Matcher address = ADDRESS.matcher(out.get(0));
        assertThat(address.matches()).as(out.get(0)).isTrue();
        return Integer.parseInt(address.group(1));
    }

    /** Waits until the process exits by itself, and returns its status. */
    public int awaitExit() throws InterruptedException {
        assertThat(process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                .as("has exited")
                .isTrue();
        for (Thread reader : readers) {
            reader.join();
        }
        return process.exitValue();
    }

    /** Sends SIGTERM, as an operator does. */
    public void terminate() {
        process.destroy();
    }

    /** Sends SIGKILL and waits for the exit. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Sends SIGSTOP: the process pauses, its connections stay open. */
    public void suspend() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Sends SIGCONT, which continues a suspended process. */
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).as("status of kill").isZero();
    }

    /** Returns the id of the process. */
    public long pid() {
        return process.pid();
    }

    /** Returns whether the process runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Returns the path of a file in the mount namespace of the process. */
    public Path inMountNamespace(Path file) {
        return Path.of("/proc/" + process.pid() + "/root" + file.toAbsolutePath());
    }

    /** Returns the lines on standard output so far. */
    public List<String> out() {
        return out;
    }

    /** Returns the lines on standard error so far. */
    public List<String> err() {
        return err;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void collect(InputStream stream, List<String> lines) {
        Thread reader = new Thread(
                () -> {
                    try (var text = new BufferedReader(new InputStreamReader(stream, UTF_8))) {
                        text.lines().forEach(lines::add);
                    } catch (IOException | UncheckedIOException e) {
                        lines.add("cannot be read: " + e); // the process was killed during the read
                    }
                },
                "output of tutti.war");
        reader.setDaemon(true);
        readers.add(reader);
        reader.start();
    }
}
