package dev.tutti.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A process of {@code redis-server} with a directory and a port of its own; a test can kill it and start it again. Confined to a test. */
public final class RedisServer implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Path directory;
    private final int port;
    private final List<String> command;
    private Process process;

    private RedisServer(Path directory, int port, List<String> command) throws IOException {
        this.directory = directory;
        this.port = port;
        this.command = command;
        start();
    }

    /** Returns a port that no program uses now. */
    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** Skips the test without the program, which Debian's package redis-server has; with CI=true it fails. */
    static void requireProgram() {
        boolean isInstalled = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(path -> Files.isExecutable(Path.of(path, "redis-server")));
        if ("true".equals(System.getenv("CI"))) {
            assertThat(isInstalled).as("redis-server is installed").isTrue();
        }
        assumeTrue(isInstalled, "redis-server is not installed");
    }

    /** Starts a server; see {@link #requireProgram}. */
    public static RedisServer start(Path directory, String... options) throws IOException {
        requireProgram();
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(
                "redis-server",
                "--port",
                String.valueOf(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                directory.toString(),
                "--save",
                ""));
        command.addAll(List.of(options));
        return new RedisServer(directory, port, command);
    }

    /**
     * Starts a Sentinel that decides alone, for a master of the name {@code main}.
     *
     * @param more lines of its configuration
     */
    static RedisServer startSentinel(Path directory, RedisServer master, String... more) throws IOException {
        int port = freePort();
        Path file = Files.writeString(directory.resolve("sentinel.conf"), """
                port %d
                bind 127.0.0.1
                dir %s
                sentinel monitor main 127.0.0.1 %d 1
                sentinel down-after-milliseconds main 500
                sentinel failover-timeout main 10000
                %s
                """.formatted(
                        port, directory, master.port, String.join("\n", more)));
        return new RedisServer(directory, port, List.of("redis-server", file.toString(), "--sentinel"));
    }

    /** Starts the process, and waits until it answers. */
    public void start() throws IOException {
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("redis.log").toFile())
                .start();
        Awaitility.await().atMost(TIMEOUT).until(this::answers);
    }

    private boolean answers() {
        assertThat(process.isAlive())
                .as("Redis runs; see redis.log in %s", directory)
                .isTrue();
        try {
            return send("PING").equals("+PONG");
        } catch (IOException e) {
            return false;
        }
    }

    /** Sends a command of words, and returns the first line of the answer. */
    public String send(String command) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write((command + "\r\n").getBytes(UTF_8));
            String line = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).readLine();
            return line == null ? "" : line;
        }
    }

    /** Sends SIGKILL, and waits for the end. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Copies what Redis has written by now, with {@code --appendonly yes}. */
    void saveData() throws IOException {
        delete(saved());
        copy(data(), saved());
    }

    /** Brings Redis back to the last {@link #saveData}; it does not run. */
    void restoreData() throws IOException {
        deleteData();
        copy(saved(), data());
    }

    /** Deletes what Redis has stored; it does not run. */
    void deleteData() throws IOException {
        delete(data());
    }

    private Path data() {
        return directory.resolve("appendonlydir");
    }

    private Path saved() {
        return directory.resolve("saved");
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (Path file : files(from)) {
            Files.copy(file, to.resolve(file.getFileName()));
        }
    }

    private static void delete(Path files) throws IOException {
        for (Path file : files(files)) {
            Files.delete(file);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /** Sends SIGSTOP: Redis pauses, its connections stay open. */
    public void suspend() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Sends SIGCONT, which continues a suspended process. */
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid()).start();
        assertThat(kill.waitFor()).as("status of kill").isZero();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    int port() {
        return port;
    }

    /** Returns the address as a setting. */
    public String address() {
        return "redis://127.0.0.1:" + port;
    }

    @Override
    public void close() {
        kill();
    }
}
