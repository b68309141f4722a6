package dev.tutti.webapp;

import dev.tutti.TestSettings;
import dev.tutti.standalone.StandaloneServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** The standalone server in this process, with the project's pages and documents in memory. */
final class EmbeddedServer implements SiteServer {
    private static final List<Path> WEBAPP = Stream.of(Path.of("webapp"), EditorPages.FOLDER)
            .filter(Files::exists)
            .toList();

    /** A strong reference: the log manager may collect an unreferenced logger and with it its level. */
    private static final Logger SERVER_LOG = Logger.getLogger("org.glassfish");

    private final Map<String, String> settings;
    private final List<Path> pages;
    private StandaloneServer server;
    private int port;

    /** Has these settings besides those of {@link TestSettings}. */
    EmbeddedServer(Map<String, String> settings) {
        this(settings, WEBAPP);
    }

    /** Serves the pages of these directories or WARs. */
    EmbeddedServer(Map<String, String> settings, List<Path> pages) {
        this.settings = Map.copyOf(settings);
        this.pages = pages;
    }

    /** Returns a server whose pages are those of a directory and, where it has none, the project's. */
    static EmbeddedServer withPages(Path directory) {
        return new EmbeddedServer(
                Map.of(), Stream.concat(WEBAPP.stream(), Stream.of(directory)).toList());
    }

    @Override
    public void start() throws IOException {
        SERVER_LOG.setLevel(Level.WARNING);
        server = StandaloneServer.start(TestSettings.of(port, settings), pages);
        port = server.port();
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void stop() {
        server.stop();
    }
}
