package fanout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleFunction;

/** The results as Markdown. Not thread-safe. */
final class Report {
    /**
     * A column of a table.
     *
     * @param figure fanload's name for it
     * @param ratio whether to show the ratio to Tutti's figure
     */
    private record Column(String title, String figure, boolean ratio, DoubleFunction<String> format) {}

    private static final Column DELIVERED = new Column("delivered/s", "delivered_per_s", true, Report::count);
    private static final Column P50 = new Column("p50 ms", "p50", true, us -> number(us / 1e3));
    private static final Column P99 = new Column("p99 ms", "p99", true, us -> number(us / 1e3));
    private static final Column CPU = new Column("CPU µs a delivery", "cpu_us_per_delivery", true, Report::number);
    private static final Column RSS = new Column("RSS MB", "rss_MB", true, Report::number);
    private static final Column COMPLETE =
            new Column("of expected", "delivered_of_expected", false, of -> "%.0f %%".formatted(of * 100));
    private static final Column CLOSED = new Column("stalled closed", "stalled_closed", false, "%.0f"::formatted);

    private static final List<Column> IDLE = List.of(
            new Column("connections/s", "connections_per_s", true, Report::count),
            new Column("CPU µs a connection", "server_cpu_us_per_connect", true, Report::number),
            new Column("RSS kB a connection", "rss_kB_per_client", true, Report::number),
            new Column("live heap kB a connection", "heap_kB_per_client", true, Report::number),
            new Column("RSS MB", "idle_rss_MB", true, Report::number));

    private final Load load;
    private final int turns;
    private final Map<Workload, Map<Peer, List<Result>>> results = new LinkedHashMap<>();
    private final Map<Workload.Scaling, Map<Workload, Result>> scaling = new LinkedHashMap<>();
    private final List<String> skipped = new ArrayList<>();
    private final List<String> disturbed = new ArrayList<>();

    /** @param turns how often each row is measured */
    Report(Load load, int turns) {
        this.load = load;
        this.turns = turns;
    }

    /** Adds a measurement of a row, which shows the medians; one that other processes disturbed is left out. */
    void add(Peer peer, Workload workload, Result result) {
        if (result.noisy()) {
            disturbed.add(peer.name() + " " + workload.name());
            return;
        }
        if (workload.idle() && result.failure() == null) {
            Map<String, Double> values = new HashMap<>(result.values());
            values.put("connections_per_s", values.get("connected") / values.get("connect_s"));
            result = new Result(values, null);
        }
        results.computeIfAbsent(workload, key -> new LinkedHashMap<>())
                .computeIfAbsent(peer, key -> new ArrayList<>())
                .add(result);
    }

    void add(Workload.Scaling series, Workload point, Result result) {
        if (result.noisy()) {
            disturbed.add(series.name() + " " + point.name());
            return;
        }
        scaling.computeIfAbsent(series, key -> new LinkedHashMap<>()).put(point, result);
    }

    void skipped(Peer peer, String why) {
        skipped.add(peer.name() + ": " + why);
    }

    static String brief(Workload workload, Result result) {
        if (result.failure() != null) {
            return result.failure();
        }
        return workload.idle()
                ? "%s kB RSS a connection".formatted(number(result.get("rss_kB_per_client")))
                : "%s delivered/s, p99 %s ms"
                                .formatted(count(result.get("delivered_per_s")), number(result.get("p99") / 1e3))
                        + (result.noisy() ? ", noisy" : "");
    }

    String markdown() {
        StringBuilder text = new StringBuilder();
        text.append("Run on ")
                .append(LocalDate.now())
                .append(", commit ")
                .append(System.getProperty("commit", "unknown"))
                .append(", ")
                .append(machine())
                .append("; ")
                .append(number(load.seconds()))
                .append(" s a figure after a warm-up")
                .append(turns == 1 ? "" : ", medians of " + turns + " turns")
                .append(".\n");
        text.append("\n| peer | description |\n| --- | --- |\n");
        peers().forEach(peer ->
                row(text, peer.name(), List.of(peer.says() + (peer.alone() ? "" : ", on " + peer.group()))));
        for (Workload workload : Workload.ALL) {
            Map<Peer, List<Result>> measured = results.get(workload);
            if (measured != null) {
                Map<Peer, Result> rows = new LinkedHashMap<>();
                measured.forEach((peer, runs) -> rows.put(peer, Result.median(runs)));
                text.append("\n### ")
                        .append(workload.says())
                        .append("\n\n`fanload ")
                        .append(workload.options())
                        .append(workload.rooms() ? " -u /ws/r%d" : "")
                        .append("`\n\n");
                table(text, columns(workload), rows);
            }
        }
        scaling.forEach((series, points) -> {
            text.append("\n### Tutti by number of ").append(series.name()).append("\n\n");
            row(
                    text,
                    series.says(),
                    List.of("delivered/s", "p50 ms", "p99 ms", "CPU µs a delivery", "RSS MB", "remarks"));
            rule(text, 6);
            points.forEach((point, result) ->
                    row(text, point.name(), cells(List.of(DELIVERED, P50, P99, CPU, RSS), result, null)));
        });
        if (!skipped.isEmpty()) {
            text.append("\nSkipped: ").append(String.join("; ", skipped)).append(".\n");
        }
        if (!disturbed.isEmpty()) {
            text.append("\nLeft out, because other processes used the machine: ")
                    .append(String.join("; ", disturbed))
                    .append(".\n");
        }
        return text.toString();
    }

    private List<Peer> peers() {
        return Peer.ALL.stream()
                .filter(peer -> results.values().stream().anyMatch(rows -> rows.containsKey(peer)))
                .toList();
    }

    private static List<Column> columns(Workload workload) {
        List<Column> columns = new ArrayList<>();
        if (workload.idle()) {
            return IDLE;
        }
        columns.add(DELIVERED);
        if (workload.openLoop()) {
            columns.add(COMPLETE);
        }
        if (workload.stalls()) {
            columns.add(CLOSED);
        }
        columns.addAll(List.of(P50, P99, CPU, RSS));
        return columns;
    }

    /** Compares each figure with that of Tutti's plain protocol in the same group: standalone servers, or the same container. */
    private static void table(StringBuilder text, List<Column> columns, Map<Peer, Result> rows) {
        List<String> titles =
                new ArrayList<>(columns.stream().map(Column::title).toList());
        titles.add("remarks");
        row(text, "", titles);
        rule(text, titles.size());
        rows.forEach((peer, result) -> {
            Result reference = rows.entrySet().stream()
                    .filter(row -> row.getKey().isReference() && row.getKey().group().equals(peer.group()))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(null);
            row(
                    text,
                    peer.ours() ? "**" + peer.name() + "**" : peer.name(),
                    cells(columns, result, peer.isReference() ? null : reference));
        });
    }

    private static List<String> cells(List<Column> columns, Result result, Result reference) {
        List<String> cells = new ArrayList<>();
        for (Column column : columns) {
            double value = result.get(column.figure);
            boolean none =
                    Double.isNaN(value) || value == 0 && List.of(P50, P99, CPU).contains(column);
            double ratio = reference == null ? Double.NaN : value / reference.get(column.figure);
            cells.add(
                    none
                            ? "–"
                            : column.format.apply(value)
                                    + (column.ratio && Double.isFinite(ratio) && ratio > 0
                                            ? " (" + number(ratio) + "×)"
                                            : ""));
        }
        cells.add(remarks(result));
        return cells;
    }

    private static String remarks(Result result) {
        if (result.failure() != null) {
            return result.failure();
        }
        List<String> remarks = new ArrayList<>();
        remark(remarks, result, "misordered", "out of order");
        remark(remarks, result, "malformed", "malformed");
        remark(remarks, result, "disconnected", "readers disconnected");
        return String.join(", ", remarks);
    }

    private static void remark(List<String> remarks, Result result, String figure, String says) {
        if (result.get(figure) > 0) {
            remarks.add(count(result.get(figure)) + " " + says);
        }
    }

    private static void row(StringBuilder text, String name, List<String> cells) {
        text.append("| ")
                .append(name)
                .append(" | ")
                .append(String.join(" | ", cells))
                .append(" |\n");
    }

    private static void rule(StringBuilder text, int columns) {
        text.append("| --- |").append(" ---: |".repeat(columns - 1)).append(" --- |\n");
    }

    /** Three digits: 12.3 M, 456 k, 7.89 k, 42. */
    private static String count(double value) {
        return value >= 1e6 ? number(value / 1e6) + " M" : value >= 1e3 ? number(value / 1e3) + " k" : number(value);
    }

    private static String number(double value) {
        double size = Math.abs(value);
        int digits = size == 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 2 : 3;
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    private static String machine() {
        try {
            String cpu = Files.readString(Path.of("/proc/cpuinfo"))
                    .lines()
                    .filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.replaceAll(".*: ", ""))
                    .orElse(System.getProperty("os.arch"));
            return Runtime.getRuntime().availableProcessors() + " cores of " + cpu + ", "
                    + System.getProperty("os.name") + " "
                    + System.getProperty("os.version").replaceAll("[^\\d.].*", "") + ", Java "
                    + System.getProperty("java.version");
        } catch (IOException e) {
            return "a machine of unknown kind";
        }
    }
}
