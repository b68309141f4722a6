package dev.tutti.store.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/** A PostgreSQL server in a directory; a test can kill it and start it again. Confined to a test. */
public final class PostgresServer implements AutoCloseable {
    private final Path directory;
    private final int port;
    private EmbeddedPostgres server;

    public PostgresServer(Path directory) throws IOException {
        this.directory = directory.resolve("postgres");
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        start();
    }

    /** Starts the server again, after {@link #kill}. */
    public void start() throws IOException {
        server = EmbeddedPostgres.builder()
                .setDataDirectory(directory.toFile())
                .setCleanDataDirectory(false)
                .setPort(port)
                .setPGStartupWait(Duration.ofSeconds(60))
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "off") // the store must set it on
                .start();
    }

    public String url() {
        return url(port);
    }

    /** Returns the address by the port of a proxy. */
    public static String url(int port) {
        return "jdbc:postgresql://localhost:" + port + "/postgres?user=postgres";
    }

    public int port() {
        return port;
    }

    /** Kills the server process and, with it, its child processes. */
    public void kill() throws IOException {
        long pid = Long.parseLong(
                Files.readAllLines(directory.resolve("postmaster.pid")).get(0));
        ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
        process.destroyForcibly();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !process.isAlive());
        server.close(); // releases the directory
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
