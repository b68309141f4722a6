package dev.tutti.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tutti.Given;
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
 * Where a test in another process has a server started, stopped and cut off, by requests like {@code POST /open?max-rooms=5}; with {@code
 * data=kept} its documents are on disk until {@code POST /end}.
 * Confined to the thread of its HTTP server, but for {@link #close}.
 */
final class Backstage implements AutoCloseable {
    /** Held for as long as the tests run: a logger nobody holds loses its level. */
    private static final Logger SERVER_LOG = Logger.getLogger("org.glassfish");

    private final HttpServer door;
    private Map<String, String> settings = Map.of();
    private @Nullable StandaloneServer server;
    private @Nullable Cable cable;
    /** Where documents are kept, if they are. */
    private @Nullable Path data;

    private Backstage(HttpServer door) {
        this.door = door;
    }

    static Backstage open() throws IOException {
        SERVER_LOG.setLevel(Level.WARNING);
        Backstage backstage =
                new Backstage(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
        backstage.door.createContext("/", backstage::answer);
        backstage.door.start();
        return backstage;
    }

    /** Returns where requests go, without a slash at the end. */
    String address() {
        return "http://127.0.0.1:" + door.getAddress().getPort();
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
            case "/cut" -> Objects.requireNonNull(cable).cut();
            case "/mute" -> Objects.requireNonNull(cable).mute();
            case "/stall" -> Objects.requireNonNull(cable).stall(true);
            case "/flow" -> Objects.requireNonNull(cable).stall(false);
            default -> throw new IllegalArgumentException("no such command: " + request);
        }
        return server == null || cable == null
                ? "{}"
                : "{\"server\":%d,\"cable\":%d}".formatted(server.port(), cable.port());
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
        cable = Cable.to(server.port());
    }

    private StandaloneServer start(int port) throws IOException {
        return StandaloneServer.start(Given.settings(port, settings), null);
    }

    private void end() throws IOException {
        if (cable != null) {
            cable.close();
            cable = null;
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
        door.stop(0);
        end();
    }
}
