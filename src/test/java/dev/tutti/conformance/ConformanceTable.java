package dev.tutti.conformance;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Writes {@code target/conformance.md}: the result of each case on each server. Confined to the thread of the tests. */
final class ConformanceTable implements TestWatcher, AfterAllCallback {
    /** File name suffix of the results of one server. */
    private static final String RESULTS = ".results";

    /** For each case and server of this JVM, whether the case has failed. */
    private static final Map<String, Map<String, Boolean>> failures = new TreeMap<>();

    @Override
    public void testSuccessful(ExtensionContext context) {
        record(context, false);
    }

    @Override
    public void testFailed(ExtensionContext context, Throwable cause) {
        record(context, true);
    }

    private static void record(ExtensionContext context, boolean failed) {
        failures.computeIfAbsent(sentence(context.getRequiredTestMethod().getName()), name -> new TreeMap<>())
                .merge(server(context), failed, Boolean::logicalOr); // some cases run with several inputs
    }

    /** Merges the results with those of other servers, which other JVMs may test at the same time. */
    @Override
    public void afterAll(ExtensionContext context) {
        Path directory = ContainerServer.servers().resolveSibling("conformance");
        try {
            Files.createDirectories(directory);
            try (FileChannel file = FileChannel.open(directory.resolve("lock"), CREATE, WRITE)) {
                FileLock unused = file.lock(); // released when the file closes
                Files.write(directory.resolve(server(context) + RESULTS), lines(server(context)));
                Files.writeString(directory.resolveSibling("conformance.md"), table(directory));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(String server) {
        return failures.entrySet().stream()
                .filter(entry -> entry.getValue().containsKey(server))
                .map(entry -> entry.getKey() + '\t' + (entry.getValue().get(server) ? "**failed**" : "ok"))
                .toList();
    }

    private static String table(Path directory) throws IOException {
        Map<String, Map<String, String>> results = new TreeMap<>();
        Set<String> servers = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + RESULTS)) {
            for (Path file : files) {
                String server = file.getFileName().toString().replace(RESULTS, "");
                servers.add(server);
                for (String line : Files.readAllLines(file)) {
                    int tab = line.indexOf('\t');
                    results.computeIfAbsent(line.substring(0, tab), name -> new TreeMap<>())
                            .put(server, line.substring(tab + 1));
                }
            }
        }
        StringBuilder table = new StringBuilder("| case | " + String.join(" | ", servers) + " |\n");
        table.append("| --- |").append(" --- |".repeat(servers.size())).append('\n');
        results.forEach((name, cells) -> {
            table.append("| ").append(name).append(" |");
            servers.forEach(server ->
                    table.append(' ').append(cells.getOrDefault(server, "–")).append(" |"));
            table.append('\n');
        });
        return table.toString();
    }

    private static String server(ExtensionContext context) {
        return context.getRequiredTestClass().getSimpleName().replaceAll("IT$", "");
    }

    /** Returns {@code a message} for {@code aMessage}. */
    private static String sentence(String name) {
        return name.replaceAll("(?=[A-Z])|(?<=[a-z])(?=[0-9])", " ").toLowerCase(Locale.ROOT);
    }
}
