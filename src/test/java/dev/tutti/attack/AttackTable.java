package dev.tutti.attack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The results of all attacks on a server as a Markdown table. Confined to one thread. */
final class AttackTable {
    private static final double MEGABYTE = 1 << 20;

    private final Path file;
    private final StringBuilder text = new StringBuilder();

    /** Begins a table with the latency without an attack. */
    AttackTable(Path file, Latency baseline) {
        this.file = file;
        text.append("Echo without an attack (p50 / p99 / worst): ")
                .append(baseline)
                .append("\n\n");
        text.append(
                "| attack | attackers | echo p99, ms | worst, ms | peak memory, MB | after, MB | attackers receive |\n");
        text.append("| --- | --- | --- | --- | --- | --- | --- |\n");
    }

    /** Adds the results of some attacks, and writes the table to its file. */
    void add(List<AttackReport> reports) {
        text.append(reports.stream().map(AttackTable::row).collect(Collectors.joining()));
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String row(AttackReport report) {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %.1f | %.1f | %.0f | %.0f | %s%s |%n",
                report.attack().name(),
                report.attack().description(),
                report.latency().p99(),
                report.latency().worst(),
                report.peakBytes() / MEGABYTE,
                report.afterBytes() / MEGABYTE,
                Attackers.describe(report.outcomes()),
                report.problems().isEmpty() ? "" : " **" + String.join("; ", report.problems()) + "**");
    }
}
