package dev.tutti.websocket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

/** HAProxy in front of two servers, of which the second is the backup, with the configuration of docs/operations.md. Confined to a test. */
final class HaProxy implements AutoCloseable {
    static final String MISSING = "HAProxy is missing (apt-get install haproxy)";

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Process process;
    private final int port;

    private HaProxy(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Returns whether the program is installed. */
    static boolean isInstalled() throws InterruptedException {
        try {
            return new ProcessBuilder("haproxy", "-v")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    static HaProxy start(Path directory, int firstPort, int secondPort) throws IOException {
        int port = freePort();
        Path configuration = directory.resolve("haproxy.cfg");
        Files.writeString(configuration, """
                defaults
                    mode http
                    timeout connect 1s
                    timeout client 60s
                    timeout server 60s
                    timeout tunnel 1h
                    timeout check 2s
                    option redispatch 1
                    retries 3
                    retry-on conn-failure empty-response 503
                frontend clients
                    bind 127.0.0.1:%d
                    http-response set-header X-Server %%s
                    default_backend tutti
                backend tutti
                    option httpchk GET /health/ready
                    default-server check inter 250ms fall 2 rise 1
                    server first 127.0.0.1:%d
                    server second 127.0.0.1:%d backup
                """.formatted(port, firstPort, secondPort));
        Process process = new ProcessBuilder("haproxy", "-db", "-f", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("haproxy.log").toFile())
                .start();
        return new HaProxy(process, port);
    }

    /** Returns a port that no program uses now. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    String address() {
        return "http://127.0.0.1:" + port;
    }

    /** Returns the server to which new clients go; empty for none. */
    String server() throws InterruptedException {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(address() + "/health")).build();
            HttpResponse<Void> response = HTTP.send(request, HttpResponse.BodyHandlers.discarding());
            return response.statusCode() == 200
                    ? response.headers().firstValue("X-Server").orElse("")
                    : "";
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
