package dev.tutti.cluster;

import dev.tutti.cluster.ClusterRecord.Fault;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** The results of a run, by kind of fault, as a table of Markdown. Confined to a test. */
final class ChaosTable {
    private static final double SECOND = 1e9;

    private static final class Row {
        private int times;
        private int acknowledged;
        private int edits;
        private long longestWaitNanos;
        private final Map<Fault, Integer> found = new EnumMap<>(Fault.class);
    }

    private final Map<ChaosFault, Row> rows = new EnumMap<>(ChaosFault.class);
    /** In all rows. */
    private final Map<Fault, Integer> found = new EnumMap<>(Fault.class);

    private Row last = new Row();

    /** A fault has ended. */
    void add(ChaosFault fault, int acknowledged, int edits, long longestWaitNanos) {
        last = rows.computeIfAbsent(fault, of -> new Row());
        last.times++;
        last.acknowledged += acknowledged;
        last.edits += edits;
        last.longestWaitNanos = Math.max(last.longestWaitNanos, longestWaitNanos);
    }

    /** Notes how many breaches there are by now; those that are new belong to the last fault. */
    void count(Fault kind, int total) {
        Integer before = found.put(kind, total);
        last.found.merge(kind, total - (before == null ? 0 : before), Integer::sum);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("""
                | fault | times | publications acknowledged | missing | silent gaps | doubles | two orders | wrong events of members | edits | missing, double or not equal | longest wait for an acknowledgement |
                | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
                """);
        rows.forEach((fault, row) -> text.append(String.format(
                Locale.ROOT,
                "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %.1f s |%n",
                fault,
                row.times,
                row.acknowledged,
                row.found.getOrDefault(Fault.MISSING, 0),
                row.found.getOrDefault(Fault.GAP, 0),
                row.found.getOrDefault(Fault.DOUBLE, 0),
                row.found.getOrDefault(Fault.ORDER, 0),
                row.found.getOrDefault(Fault.MEMBERS, 0),
                row.edits,
                row.found.getOrDefault(Fault.EDITS, 0),
                row.longestWaitNanos / SECOND)));
        return text.toString();
    }
}
