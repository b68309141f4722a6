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
 * The main class of {@code java -jar tutti.war}: runs the standalone server until a signal stops it. Exit status: 1 if it cannot start, 2
 * for an invalid option, {@value MemoryExhaustion#EXIT_STATUS} for exhausted memory.
 */
public final class Main {
    /** System property with the default locations of the web pages, separated as on a class path. The launcher sets it to its WAR. */
    private static final String WEBAPP_PROPERTY = "tutti.webapp";

    /** A command, not a setting: copies the documents and exits. */
    private static final String COPY_OPTION = "copy-documents-to";

    /** A strong reference: the log manager may collect an unreferenced logger and with it its level. */
    private static final Logger SERVER_LOG = Logger.getLogger("org.glassfish");

    private Main() {}

    /** Runs the server until a signal, or the command that the options ask for. */
    public static void main(String[] args) throws InterruptedException {
        try {
            Map<String, String> given = parse(args);
            if (given.containsKey("help")) {
                System.out.print(help());
            } else if (given.containsKey("version")) {
                System.out.println("tutti " + Version.get());
            } else {
                run(given, CommandLine.lookup(given, System.getenv()));
            }
        } catch (IllegalArgumentException e) {
            fail(2, String.valueOf(e.getMessage()));
        } catch (IOException | StoreException e) {
            fail(1, String.valueOf(e.getMessage()));
        }
    }

    private static Map<String, String> parse(String[] args) {
        Stream<String> settings = Configuration.SETTINGS.stream().flatMap(type -> Settings.names(type).stream());
        return CommandLine.parse(
                args, Stream.concat(settings, Stream.of(COPY_OPTION)).toList(), List.of("help", "version"));
    }

    private static void run(Map<String, String> given, UnaryOperator<@Nullable String> lookup)
            throws IOException, InterruptedException {
        String target = given.get(COPY_OPTION);
        if (target == null) {
            awaitStop(start(lookup));
        } else {
            copyDocuments(Settings.read(StoreOptions.class, lookup), target);
        }
    }

    private static void awaitStop(StandaloneServer server) throws InterruptedException {
        MemoryExhaustion.install(server::stop);
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
    private static void copyDocuments(StoreOptions options, String target) {
        if (options.isMemory()) {
            throw new IllegalArgumentException("data: documents in memory cannot be copied");
        }
        try (DocumentStore from = DocumentStores.open(options);
                DocumentStore to = DocumentStores.open(options.at(target))) {
            System.out.println(DocumentCopy.copy(from, to) + " documents copied");
        }
    }

    private static StandaloneServer start(UnaryOperator<@Nullable String> lookup) throws IOException {
        Configuration settings = Configuration.of(lookup);
        ServerOptions options = settings.server();
        @Nullable List<Path> webapp = webapp(options.webapp(), System.getProperty(WEBAPP_PROPERTY, ""));
        SERVER_LOG.setLevel(Level.WARNING);
        try {
            StandaloneServer server = StandaloneServer.start(settings, webapp);
            System.out.println("Tutti " + Version.get() + " is at " + address(options, server.port()) + "; "
                    + settings.gate().summary());
            return server;
        } catch (SocketException e) {
            throw new IOException(
                    "cannot listen on " + String.join(" and ", options.addresses()) + " port " + options.port() + ": "
                            + e.getMessage(),
                    e);
        }
    }

    private static @Nullable List<Path> webapp(String option, String property) {
        if (!option.isEmpty()) {
            return List.of(Path.of(option));
        }
        List<Path> locations = Stream.of(property.split(File.pathSeparator))
                .filter(path -> !path.isEmpty())
                .map(Path::of)
                .toList();
        return locations.isEmpty() ? null : locations;
    }

    /** Returns the address for a browser on this machine. */
    static String address(ServerOptions options, int port) {
        String host = options.host();
        String name = host.isEmpty() || host.equals("0.0.0.0") || host.equals("::") ? "localhost" : host;
        return (options.tlsCert().isEmpty() ? "http://" : "https://") + (name.contains(":") ? "[" + name + "]" : name)
                + ":" + port;
    }

    private static void fail(int status, String message) {
        System.err.println("tutti: " + message);
        System.exit(status);
    }

    private static String help() {
        StringBuilder help = new StringBuilder("Usage: java -jar tutti.war [options]\n\n");
        Configuration.SETTINGS.forEach(type -> help.append(Settings.help(type)));
        Map<String, String> others = new LinkedHashMap<>();
        others.put(COPY_OPTION, "copy all documents to this directory or database, and exit");
        others.put("help", "show this help and exit");
        others.put("version", "show the version and exit");
        others.forEach((name, text) -> help.append(String.format("  --%-32s %s%n", name, text)));
        return help.append("\nEach setting --some-name can also be an environment variable TUTTI_SOME_NAME.\n")
                .toString();
    }
}
