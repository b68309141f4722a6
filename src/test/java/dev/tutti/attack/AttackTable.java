package dev.tutti.attack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What came of all attacks on a server, as a table of Markdown. Confined to one thread. */
final class AttackTable {
    private static final double MEGABYTE = 1 << 20;

    private final Path file;
    private final StringBuilder text = new StringBuilder();

    /** Begins a table with what the bystander measures when nobody attacks. */
    AttackTable(Path file, Latency quiet) {
        this.file = file;
        text.append("Echo without an attack (p50 / p99 / worst): ")
                .append(quiet)
                .append("\n\n");
        text.append(
                "| attack | what attackers do | echo p99, ms | worst, ms | peak memory, MB | after, MB | what attackers got |\n");
        text.append("| --- | --- | --- | --- | --- | --- | --- |\n");
    }

    /** Adds what came of some attacks, and writes the table as it is so far. */
    void add(List<Report> reports) {
        text.append(reports.stream().map(AttackTable::row).collect(Collectors.joining()));
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String row(Report report) {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %.1f | %.1f | %.0f | %.0f | %s%s |%n",
                report.attack().name(),
                report.attack().does(),
                report.latency().p99(),
                report.latency().worst(),
                report.peakBytes() / MEGABYTE,
                report.afterBytes() / MEGABYTE,
                Attackers.describe(report.outcomes()),
                report.problems().isEmpty() ? "" : " **" + String.join("; ", report.problems()) + "**");
    }
}
