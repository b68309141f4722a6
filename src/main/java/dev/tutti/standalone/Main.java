package dev.tutti.standalone;

import dev.tutti.document.StoreException;
import dev.tutti.settings.Settings;
import dev.tutti.settings.Version;
import java.io.File;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code java -jar tutti.war}: starts the standalone server and runs until it is told to stop. Ends with 0 after a signal, 1 if it
 * cannot start, 2 if an option is wrong.
 */
public final class Main {
    /**
     * Where the web pages are, when no option says: set by the launcher to its own WAR. They may be at several places, separated
     * as on a class path.
     */
    private static final String WEBAPP_PROPERTY = "tutti.webapp";

    /** Held for as long as the process runs: a logger nobody holds loses its level. */
    private static final Logger SERVER_LOG = Logger.getLogger("org.glassfish");

    private Main() {}

    /** Runs until the process gets a signal. */
    public static void main(String[] args) throws InterruptedException {
        StandaloneServer server;
        try {
            List<String> names = Configuration.SETTINGS.stream()
                    .flatMap(type -> Settings.names(type).stream())
                    .toList();
            Map<String, String> given = CommandLine.parse(args, names, List.of("help", "version"));
            if (given.containsKey("help")) {
                System.out.print(help());
                return;
            }
            if (given.containsKey("version")) {
                System.out.println("tutti " + Version.get());
                return;
            }
            server = start(CommandLine.lookup(given, System.getenv()));
        } catch (IllegalArgumentException e) {
            fail(2, String.valueOf(e.getMessage()));
            return;
        } catch (IOException | StoreException e) {
            fail(1, String.valueOf(e.getMessage()));
            return;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            server.stop();
                            stopped.countDown();
                        },
                        "tutti-stop"));
        stopped.await();
    }

    private static StandaloneServer start(UnaryOperator<@Nullable String> lookup) throws IOException {
        Configuration settings = Configuration.of(lookup);
        ServerOptions options = settings.server();
        @Nullable List<Path> webapp = webapp(options.webapp(), System.getProperty(WEBAPP_PROPERTY, ""));
        SERVER_LOG.setLevel(Level.WARNING);
        try {
            StandaloneServer server = StandaloneServer.start(settings, webapp);
            System.out.println("Tutti " + Version.get() + " is at " + address(options, server.port()));
            return server;
        } catch (SocketException e) {
            throw new IOException(
                    "cannot listen on " + options.host() + " port " + options.port() + ": " + e.getMessage(), e);
        }
    }

    private static @Nullable List<Path> webapp(String option, String property) {
        if (!option.isEmpty()) {
            return List.of(Path.of(option));
        }
        List<Path> places = Stream.of(property.split(File.pathSeparator))
                .filter(path -> !path.isEmpty())
                .map(Path::of)
                .toList();
        return places.isEmpty() ? null : places;
    }

    /** Returns what to type into a browser on this machine. */
    static String address(ServerOptions options, int port) {
        String host = options.host();
        String shown = host.equals("0.0.0.0") || host.equals("::") ? "localhost" : host;
        return (options.tlsCert().isEmpty() ? "http://" : "https://")
                + (shown.contains(":") ? "[" + shown + "]" : shown) + ":" + port;
    }

    private static void fail(int status, String why) {
        System.err.println("tutti: " + why);
        System.exit(status);
    }

    private static String help() {
        StringBuilder help = new StringBuilder("Usage: java -jar tutti.war [options]\n\n");
        Configuration.SETTINGS.forEach(type -> help.append(Settings.help(type)));
        return help.append(String.format(
                        "  --%-32s %s%n  --%-32s %s%n", "help", "shows this", "version", "shows the version"))
                .append("\nAn option --some-name can also be given as the environment variable TUTTI_SOME_NAME.\n")
                .toString();
    }
}
