package dev.tutti.standalone;

import dev.tutti.ServerOptions;
import dev.tutti.document.DocumentStore;
import dev.tutti.document.StoreException;
import dev.tutti.hub.Drain;
import dev.tutti.security.ApiKeys;
import dev.tutti.settings.InvalidSettingsException;
import dev.tutti.settings.Settings;
import dev.tutti.settings.SettingsReader;
import dev.tutti.settings.Version;
import dev.tutti.store.DocumentCopy;
import dev.tutti.store.DocumentStores;
import dev.tutti.store.StoreOptions;
import java.io.File;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The main class of {@code java -jar tutti.war}: runs the standalone server until a signal stops it. Exit status: 0 after SIGTERM, 1 if it
 * cannot start, 2 for an invalid option, {@value MemoryExhaustion#EXIT_STATUS} for exhausted memory.
 */
public final class Main {
    /** System property with the default locations of the web pages, separated as on a class path. The launcher sets it to its WAR. */
    private static final String WEBAPP_PROPERTY = "tutti.webapp";

    private Main() {}

    /** Runs the server until a signal, or the command that the options ask for. */
    public static void main(String[] args) throws InterruptedException {
        try {
            CommandLine line = Options.parse(args);
            if (line.given().containsKey(Options.HELP)) {
                line.check();
                System.out.print(Options.help());
            } else if (line.given().containsKey(Options.VERSION)) {
                line.check();
                System.out.println("tutti " + Version.get());
            } else {
                run(line);
            }
        } catch (InvalidSettingsException e) {
            fail(2, e.faults());
        } catch (IllegalArgumentException e) {
            fail(2, List.of(String.valueOf(e.getMessage())));
        } catch (IOException | StoreException e) {
            fail(1, List.of(String.valueOf(e.getMessage())));
        }
    }

    private static void run(CommandLine line) throws IOException, InterruptedException {
        SettingsReader settings = Options.settings(line, System.getenv());
        String target = line.given().get(Options.COPY);
        String newKey = line.given().get(Options.NEW_KEY);
        String unpacked = line.given().get(Options.UNPACK);
        if (target != null) {
            settings.check();
            copyDocuments(Settings.read(StoreOptions.class, settings.lookup()), target);
        } else if (newKey != null) {
            System.out.print(ApiKeys.describeNew(newKey, new SecureRandom()));
        } else if (unpacked != null) {
            settings.check();
            UnpackedServer.create(war(), Path.of(unpacked));
        } else if (line.given().containsKey(Options.PRINT)) {
            Configuration.of(settings); // for its faults
            System.out.print(Options.print(settings));
        } else {
            Configuration configuration = Configuration.of(settings);
            awaitStop(start(configuration), configuration.drain());
        }
    }

    private static Path war() {
        String war = System.getProperty(WEBAPP_PROPERTY, "");
        if (!war.endsWith(".war")) {
            throw new IllegalArgumentException("unpack: only a WAR can be unpacked: java -jar tutti.war");
        }
        return Path.of(war);
    }

    private static void awaitStop(StandaloneServer server, Drain.Options drain) throws InterruptedException {
        MemoryExhaustion.install(server::stop);
        Termination.install(server, drain);
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
        StoreOptions other = options.at(target);
        try (DocumentStore from = DocumentStores.open(options);
                DocumentStore to = DocumentStores.open(other)) {
            System.out.println(DocumentCopy.copy(from, to) + " documents copied");
        }
        try (DocumentStore from = DocumentStores.openHistories(options);
                DocumentStore to = DocumentStores.openHistories(other)) {
            if (from != null && to != null) {
                DocumentCopy.copy(from, to);
                System.out.println("histories of rooms copied");
            }
        }
    }

    private static StandaloneServer start(Configuration settings) throws IOException {
        ServerOptions options = settings.server();
        @Nullable List<Path> webapp = webapp(options.webapp(), System.getProperty(WEBAPP_PROPERTY, ""));
        ConsoleLog.configure(options.logFormat());
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

    private static void fail(int status, List<String> messages) {
        messages.forEach(message -> System.err.println("tutti: " + message));
        System.exit(status);
    }
}
