package dev.tutti.metrics;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.tutti.cluster.ClusterMetrics;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts the calls of Redis. Safe for any thread. */
final class ClusterMeters implements ClusterMetrics {
    private final Map<String, Timer> calls = new TreeMap<>();
    private final LongAdder gaps;

    ClusterMeters(Counts counts) {
        for (String operation : ClusterMetrics.OPERATIONS) {
            calls.put(
                    operation,
                    counts.timer(
                            "cluster.broker.duration",
                            "Time from a call of Redis to its answer",
                            "operation",
                            operation));
        }
        gaps = counts.counter("cluster.gaps", "Times a room had missed publications, and read them from Redis");
    }

    @Override
    public void called(String operation, long nanos) {
        Timer timer = calls.get(operation);
        if (timer != null) {
            timer.record(nanos, NANOSECONDS);
        }
    }

    @Override
    public void gapFound() {
        gaps.increment();
    }
}
