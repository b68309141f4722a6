package dev.tutti.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Writes {@code target/conformance.md}: which case passed on which server. Confined to the thread that runs the tests. */
final class ConformanceTable implements TestWatcher, AfterAllCallback {
    /** For each case, the servers where it failed, or false for those where it did not; over all test classes of this JVM. */
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

    @Override
    public void afterAll(ExtensionContext context) {
        Set<String> servers = new TreeSet<>();
        failures.values().forEach(results -> servers.addAll(results.keySet()));
        StringBuilder table = new StringBuilder("| case |");
        servers.forEach(server -> table.append(' ').append(server).append(" |"));
        table.append("\n| --- |").append(" --- |".repeat(servers.size())).append('\n');
        failures.forEach((name, results) -> {
            table.append("| ").append(name).append(" |");
            for (String server : servers) {
                Boolean failed = results.get(server);
                table.append(failed == null ? " – |" : failed ? " **failed** |" : " ok |");
            }
            table.append('\n');
        });
        try {
            Files.writeString(ContainerServer.servers().resolveSibling("conformance.md"), table);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String server(ExtensionContext context) {
        return context.getRequiredTestClass().getSimpleName().replaceAll("IT$", "");
    }

    /** Returns {@code a message} for {@code aMessage}. */
    private static String sentence(String name) {
        return name.replaceAll("(?=[A-Z])|(?<=[a-z])(?=[0-9])", " ").toLowerCase(Locale.ROOT);
    }
}
