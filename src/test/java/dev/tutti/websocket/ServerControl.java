package dev.tutti.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tutti.TestSettings;
import dev.tutti.standalone.StandaloneServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP interface by which tests in another process start, stop and disconnect a server, with requests such as {@code POST
 * /open?max-rooms=5}. With {@code data=kept} its documents are on disk until {@code POST /end}. Confined to the thread of its HTTP server,
 * except for {@link #close}.
 */
final class ServerControl implements AutoCloseable {
    /** A strong reference: the log manager may collect an unreferenced logger and with it its level. */
    private static final Logger SERVER_LOG = Logger.getLogger("org.glassfish");

    private final HttpServer http;
    private Map<String, String> settings = Map.of();
    private @Nullable StandaloneServer server;
    private @Nullable TcpProxy proxy;
    /** The directory of the documents; null if they are in memory. */
    private @Nullable Path data;

    private ServerControl(HttpServer http) {
        this.http = http;
    }

    static ServerControl open() throws IOException {
        SERVER_LOG.setLevel(Level.WARNING);
        ServerControl control =
                new ServerControl(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
        control.http.createContext("/", control::answer);
        control.http.start();
        return control;
    }

    /** Returns the base address of the requests, without a slash at the end. */
    String address() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        int status = 200;
        String body;
        try {
            body = carryOut(exchange.getRequestURI());
        } catch (IOException | RuntimeException e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace, true));
            status = 500;
            body = trace.toString();
        }
        byte[] bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private String carryOut(URI request) throws IOException {
        switch (request.getPath()) {
            case "/open" -> open(parameters(request.getQuery()));
            case "/end" -> end();
            case "/stop" -> Objects.requireNonNull(server).stop();
            case "/start" -> server = start(Objects.requireNonNull(server).port());
            case "/cut" -> Objects.requireNonNull(proxy).cut();
            case "/mute" -> Objects.requireNonNull(proxy).mute();
            case "/stall" -> Objects.requireNonNull(proxy).stall(true);
            case "/flow" -> Objects.requireNonNull(proxy).stall(false);
            default -> throw new IllegalArgumentException("no such command: " + request);
        }
        return server == null || proxy == null
                ? "{}"
                : "{\"server\":%d,\"proxy\":%d}".formatted(server.port(), proxy.port());
    }

    private static Map<String, String> parameters(@Nullable String query) {
        return query == null
                ? Map.of()
                : Stream.of(query.split("&"))
                        .map(pair -> pair.split("=", 2))
                        .collect(Collectors.toUnmodifiableMap(pair -> pair[0], pair -> pair[1]));
    }

    private void open(Map<String, String> given) throws IOException {
        end();
        settings = new HashMap<>(given);
        if ("kept".equals(given.get("data"))) {
            data = Files.createTempDirectory("tutti-documents");
            settings.put("data", data.toString());
        }
        server = start(0);
        proxy = TcpProxy.to(server.port());
    }

    private StandaloneServer start(int port) throws IOException {
        return StandaloneServer.start(TestSettings.of(port, settings), null);
    }

    private void end() throws IOException {
        if (proxy != null) {
            proxy.close();
            proxy = null;
        }
        if (server != null) {
            server.stop();
            server = null;
        }
        if (data != null) {
            try (Stream<Path> files = Files.list(data)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(data);
            data = null;
        }
    }

    @Override
    public void close() throws IOException {
        http.stop(0);
        end();
    }
}
