package dev.tutti.metrics;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.DoubleStream;

/**
 * Registers meters under the prefix {@code tutti}. A counter is an adder that many threads increment at little cost, or a number that the core has
 * anyway: the registry reads it when it is asked. Histograms have fixed buckets: those of several servers can be added up, percentiles cannot.
 * Safe for any thread; its owner keeps it as long as the counters count.
 */
final class Counts {
    private static final String PREFIX = "tutti.";

    /** Upper bounds of the buckets of durations, from a short run to a time at which a client gives up. */
    private static final Duration[] DURATIONS = DoubleStream.of(
                    0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
            .mapToObj(millis -> Duration.ofNanos((long) (millis * 1_000_000)))
            .toArray(Duration[]::new);

    /** Upper bounds of the buckets of sizes. */
    private static final double[] SIZES = {1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000};

    private final Registries registries;

    Counts(Registries registries) {
        this.registries = registries;
    }

    /** Registers and returns a new counter; {@code tags} are names and values in turn. */
    LongAdder counter(String name, String description, String... tags) {
        LongAdder adder = new LongAdder();
        counter(adder::sum, name, description, tags);
        return adder;
    }

    /** Registers a counter that the core counts. */
    void counter(LongSupplier count, String name, String description, String... tags) {
        // The registry holds the function, but only a weak reference to its argument.
        registries.register(registry -> FunctionCounter.builder(PREFIX + name, this, counts -> count.getAsLong())
                .description(description)
                .tags(tags)
                .register(registry));
    }

    /** Registers a number that may fall. */
    void gauge(LongSupplier value, String name, String description, String... tags) {
        registries.register(registry -> Gauge.builder(PREFIX + name, value::getAsLong)
                .description(description)
                .tags(tags)
                .register(registry));
    }

    /** Registers a duration, given in nanoseconds. */
    void gaugeSeconds(LongSupplier nanos, String name, String description) {
        registries.register(registry -> TimeGauge.builder(PREFIX + name, nanos::getAsLong, NANOSECONDS)
                .description(description)
                .register(registry));
    }

    /** Registers a histogram of durations. */
    Histogram durations(String name, String description, String... tags) {
        Histogram histogram = new Histogram(registries);
        registries.register(registry -> {
            Timer timer = Timer.builder(PREFIX + name)
                    .description(description)
                    .tags(tags)
                    .serviceLevelObjectives(DURATIONS)
                    .register(registry);
            histogram.recordWith(nanos -> timer.record(nanos, NANOSECONDS));
        });
        return histogram;
    }

    /** Registers the histogram of the runs of a kind of mailbox. */
    Histogram runs(String kind) {
        return durations("mailbox.run.duration", "Time of a run of a mailbox", "kind", kind);
    }

    /** Registers a histogram of numbers. */
    Histogram sizes(String name, String description) {
        Histogram histogram = new Histogram(registries);
        registries.register(registry -> {
            DistributionSummary summary = DistributionSummary.builder(PREFIX + name)
                    .description(description)
                    .serviceLevelObjectives(SIZES)
                    .register(registry);
            histogram.recordWith(summary::record);
        });
        return histogram;
    }
}
