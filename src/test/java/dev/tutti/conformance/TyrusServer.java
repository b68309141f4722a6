package dev.tutti.conformance;

import dev.tutti.TestSettings;
import dev.tutti.standalone.StandaloneServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** The standalone server, in this JVM. */
final class TyrusServer implements ServerUnderTest {
    private final Capture capture = new Capture();
    private final Map<String, String> settings;

    TyrusServer() {
        this(Map.of());
    }

    /** Makes a server with other settings than those of the suite. */
    TyrusServer(Map<String, String> given) {
        settings = new HashMap<>(SETTINGS);
        settings.putAll(given);
    }

    private StandaloneServer server;

    @Override
    public void start() throws IOException {
        Logger.getLogger("").addHandler(capture);
        server = StandaloneServer.start(TestSettings.of(settings), List.of(Path.of("webapp")));
    }

    @Override
    public void stop() {
        if (server != null) {
            server.stop();
            server = null;
            Logger.getLogger("").removeHandler(capture);
        }
    }

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public String contextPath() {
        return "";
    }

    @Override
    public String log() {
        return capture.log();
    }

    /** Records log messages with stack traces. Safe for any thread. */
    private static final class Capture extends Handler {
        /** Guarded by this. */
        private final StringBuilder log = new StringBuilder();

        Capture() {
            setLevel(Level.INFO);
            setFormatter(new SimpleFormatter());
        }

        synchronized String log() {
            return log.toString();
        }

        @Override
        public synchronized void publish(LogRecord record) {
            if (isLoggable(record)) {
                log.append(record.getLevel())
                        .append(' ')
                        .append(record.getLoggerName())
                        .append(' ');
                log.append(getFormatter().format(record));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
