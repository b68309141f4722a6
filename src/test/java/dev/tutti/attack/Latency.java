package dev.tutti.attack;

import java.util.Arrays;
import java.util.Locale;

/** Quantiles of round trips in milliseconds. Immutable. */
record Latency(double p50, double p99, double worst) {
    /** Returns the quantiles of round trips in nanoseconds, at least one. */
    static Latency of(long... nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return new Latency(at(sorted, 0.5), at(sorted, 0.99), at(sorted, 1));
    }

    private static double at(long[] sorted, double quantile) {
        int index = (int) Math.ceil(quantile * sorted.length) - 1;
        return sorted[Math.max(0, index)] / 1e6;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.1f / %.1f / %.1f ms", p50, p99, worst);
    }
}
