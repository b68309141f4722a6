package dev.tutti.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.hub.Position;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code src/cluster/try}, with the WAR of this build and the client for Redis. */
@Timeout(120)
class ClusterTryIT {
    private static final Pattern LINE = Pattern.compile("(.*?) +\\w+://localhost:(\\d+) +process (\\d+).*");
    private static final Pattern CLIENT_FOR_REDIS =
            Pattern.compile("(lettuce-core|netty|reactor-core|reactive-streams|redis-authx-core)-.*\\.jar");
    private static final Duration WAIT = Duration.ofSeconds(30);
    /** Below the ports that the system chooses, so that nobody takes the next ones meanwhile. */
    private static final int FIRST_PORT = 20_000;

    private static final int PORTS = 10_000;

    @TempDir
    Path directory;

    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final ClusterRecord record = new ClusterRecord();
    private final List<ClusterClient> clients = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final List<Long> processes = new ArrayList<>();

    @AfterEach
    void stop() {
        clients.forEach(ClusterClient::close);
        scheduler.shutdownNow();
        processes.stream().flatMap(id -> ProcessHandle.of(id).stream()).forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void oneCommandStartsServersThatShareRooms() throws Exception {
        RedisServer.requireProgram();
        Process script = start();
        try (BufferedReader output = script.inputReader(UTF_8)) {
            readAddresses(output);
            for (int i = 0; i < ports.size(); i++) {
                ClusterClient client =
                        new ClusterClient("client-" + i, "try", ports, i, record, scheduler, new Random(i));
                clients.add(client);
                client.connect();
            }
            await().atMost(WAIT).until(() -> clients.stream().allMatch(client -> client.doneAt() != null));
            clients.forEach(client -> client.publish("from " + client.hashCode()));
            await().atMost(WAIT)
                    .until(() -> clients.stream().allMatch(client -> {
                        Position position = client.doneAt();
                        return position != null && position.offset() == clients.size();
                    }));
            assertThat(record.faults()).isEmpty();

            script.destroy(); // SIGTERM; a terminal sends SIGINT, which background processes of a test do not get
            script.onExit().join();
            assertThat(processes)
                    .allSatisfy(id -> assertThat(ProcessHandle.of(id))
                            .as("process %s", id)
                            .isEmpty());
        }
    }

    private Process start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        "src/cluster/try",
                        "--port",
                        Integer.toString(freePort()),
                        "--war",
                        warWithClient().toString())
                .redirectError(directory.resolve("errors").toFile());
        builder.environment().put("XDG_CACHE_HOME", directory.toString());
        builder.environment().put("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"); // they start faster
        builder.environment()
                .merge(
                        "PATH",
                        Path.of(System.getProperty("java.home"), "bin").toString(),
                        (path, java) -> java + File.pathSeparator + path);
        return builder.start();
    }

    private static int freePort() {
        Random random = new Random();
        while (true) {
            int port = FIRST_PORT + random.nextInt(PORTS);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // in use: another one
            }
        }
    }

    /** Returns a copy of the WAR with the libraries that -P cluster adds. */
    private Path warWithClient() throws IOException {
        Path war = Files.copy(Path.of(System.getProperty("tutti.war")), directory.resolve("tutti.war"));
        try (FileSystem inside = FileSystems.newFileSystem(war)) {
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                Path library = Path.of(entry);
                String name = library.getFileName().toString();
                if (CLIENT_FOR_REDIS.matcher(name).matches()) {
                    Files.copy(library, inside.getPath("WEB-INF", "lib", name), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        return war;
    }

    /** Reads the addresses of the balancer and the servers, and the ids of all processes. */
    private void readAddresses(BufferedReader output) throws IOException {
        List<String> lines = new ArrayList<>();
        String line = "";
        while (line != null && !line.contains("Ctrl-C")) {
            line = output.readLine();
            lines.add(String.valueOf(line));
            Matcher matcher = LINE.matcher(String.valueOf(line));
            if (matcher.matches()) {
                processes.add(Long.valueOf(matcher.group(3)));
                if (!matcher.group(1).equals("Redis")) {
                    ports.add(Integer.valueOf(matcher.group(2)));
                }
            }
        }
        String errors = Files.readString(directory.resolve("errors"));
        boolean hasBalancer = !errors.contains("HAProxy and nginx are missing");
        if (!hasBalancer) {
            assertThat(System.getenv("CI")).as(errors).isNotEqualTo("true");
        }
        assumeThat(hasBalancer).as(errors).isTrue();
        assertThat(processes).as("%s%s", errors, lines).hasSize(5);
        assertThat(ports).as("%s", lines).hasSize(4);
    }
}
