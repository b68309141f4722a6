package fanout;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A peer's process. It is stopped by its pid, also when this program ends. */
final class Server implements AutoCloseable {
    /** Without rate and address limits: all load comes from one address. */
    private static final Map<String, String> NO_LIMITS =
            Map.of("TUTTI_MAX_MESSAGES_PER_SECOND", "0", "TUTTI_MAX_CONNECTIONS_PER_ADDRESS", "0");

    private static final int START_SECONDS = 180;

    private final Process process;
    private final int port;
    private final boolean java;
    private final Thread hook;

    private Server(Process process, int port, boolean java) {
        this.process = process;
        this.port = port;
        this.java = java;
        this.hook = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts a peer. Returns when it accepts WebSocket connections. */
    static Server start(Peer peer) throws IOException, InterruptedException, Peer.Missing {
        Files.createDirectories(Peer.OUT.resolve("tmp"));
        int port = Peer.freePort();
        Path log = Peer.OUT.resolve("log").resolve(peer.name() + ".log");
        Files.createDirectories(log.getParent());
        List<String> command = peer.launch().command(port);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Peer.OUT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(new File("/dev/null"));
        builder.environment().putAll(NO_LIMITS);
        builder.environment().put("XDG_CACHE_HOME", Peer.OUT.resolve("cache").toString());
        Server server = new Server(builder.start(), port, command.get(0).endsWith("java"));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!server.accepts(peer.everybody())) {
            if (!server.process.isAlive() || System.nanoTime() > deadline) {
                server.close();
                throw new Peer.Missing(
                        "it did not start, see " + Path.of("").toAbsolutePath().relativize(log));
            }
            Thread.sleep(100);
        }
        return server;
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Returns the bytes of live objects after a full collection; 0 for a server that is not Java. */
    long liveHeapBytes() throws IOException {
        if (!java) {
            return 0; // jcmd starts with a signal, which would end a program that is not Java
        }
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process histogram = new ProcessBuilder(jcmd.toString(), "" + pid(), "GC.class_histogram")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String text = new String(histogram.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return text.lines()
                .filter(line -> line.startsWith("Total"))
                .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[2]))
                .findFirst()
                .orElse(0);
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    private boolean accepts(String path) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                                    + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            return new String(in.readNBytes(12), StandardCharsets.US_ASCII).equals("HTTP/1.1 101");
        } catch (IOException e) {
            return false; // not yet
        }
    }
}
