package dev.tutti.standalone;

import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoreException;
import dev.tutti.settings.Settings;
import dev.tutti.settings.Version;
import dev.tutti.store.DocumentCopy;
import dev.tutti.store.DocumentStores;
import dev.tutti.store.StoreOptions;
import java.io.File;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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
 * cannot start, 2 if an option is wrong, 3 if the memory is exhausted.
 */
public final class Main {
    /**
     * Where the web pages are, when no option says: set by the launcher to its own WAR. They may be at several places, separated
     * as on a class path.
     */
    private static final String WEBAPP_PROPERTY = "tutti.webapp";

    /** Not a setting: what to do instead of serving. */
    private static final String COPY_OPTION = "copy-documents-to";

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
            Map<String, String> given = CommandLine.parse(
                    args, Stream.concat(names.stream(), Stream.of(COPY_OPTION)).toList(), List.of("help", "version"));
            if (given.containsKey("help")) {
                System.out.print(help());
                return;
            }
            if (given.containsKey("version")) {
                System.out.println("tutti " + Version.get());
                return;
            }
            UnaryOperator<@Nullable String> lookup = CommandLine.lookup(given, System.getenv());
            String place = given.get(COPY_OPTION);
            if (place != null) {
                copyDocuments(Settings.read(StoreOptions.class, lookup), place);
                return;
            }
            server = start(lookup);
        } catch (IllegalArgumentException e) {
            fail(2, String.valueOf(e.getMessage()));
            return;
        } catch (IOException | StoreException e) {
            fail(1, String.valueOf(e.getMessage()));
            return;
        }
        MemoryExhaustion.endProcess(server::stop);
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

    /** Copies all documents to another directory or database. */
    private static void copyDocuments(StoreOptions options, String place) {
        if (options.isMemory()) {
            throw new IllegalArgumentException("data: there are no documents to copy");
        }
        try (DocumentStore from = DocumentStores.open(options);
                DocumentStore to = DocumentStores.open(options.at(place))) {
            System.out.println(DocumentCopy.copy(from, to) + " documents were copied");
        }
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
        Map<String, String> others = new LinkedHashMap<>();
        others.put(COPY_OPTION, "copies all documents to this directory or database, and ends");
        others.put("help", "shows this");
        others.put("version", "shows the version");
        others.forEach((name, text) -> help.append(String.format("  --%-32s %s%n", name, text)));
        return help.append("\nAn option --some-name can also be given as the environment variable TUTTI_SOME_NAME.\n")
                .toString();
    }
}
