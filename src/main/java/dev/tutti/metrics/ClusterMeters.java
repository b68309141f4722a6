package dev.tutti.metrics;

import dev.tutti.cluster.ClusterMetrics;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts the calls of Redis. Safe for any thread. */
final class ClusterMeters implements ClusterMetrics {
    private final Map<String, Histogram> calls = new TreeMap<>();
    private final LongAdder gaps;

    ClusterMeters(Counts counts) {
        for (String operation : ClusterMetrics.OPERATIONS) {
            calls.put(
                    operation,
                    counts.durations(
                            "cluster.broker.duration",
                            "Time from a call of Redis to its answer",
                            "operation",
                            operation));
        }
        gaps = counts.counter("cluster.gaps", "Times a room had missed publications, and read them from Redis");
    }

    @Override
    public void called(String operation, long nanos) {
        Histogram durations = calls.get(operation);
        if (durations != null) {
            durations.record(nanos);
        }
    }

    @Override
    public void gapFound() {
        gaps.increment();
    }
}
