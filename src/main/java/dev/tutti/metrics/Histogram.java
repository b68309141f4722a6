package dev.tutti.metrics;

import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Records durations in nanoseconds, or numbers, in fixed buckets. Safe for any thread. */
final class Histogram {
    private final Registries registries;

    /** Null until the registries open; written once. */
    private volatile @Nullable LongConsumer recorder;

    /** Creates a histogram that waits for {@link #recordWith}, which its registration calls. */
    Histogram(Registries registries) {
        this.registries = registries;
    }

    void recordWith(LongConsumer registered) {
        recorder = registered;
    }

    /** Adds a value. The first one of all histograms opens the registries. */
    void record(long value) {
        LongConsumer current = recorder;
        if (current == null) {
            registries.open();
            current = Objects.requireNonNull(recorder);
        }
        current.accept(value);
    }
}
