/**
 * The metrics of the application in Micrometer: {@link dev.tutti.metrics.Meters} takes the counts that the core reports, at most once for a run, and
 * the durations; it shows them as text for Prometheus, and in registries of the application. Nothing else knows Micrometer.
 */
@NullMarked
package dev.tutti.metrics;

import org.jspecify.annotations.NullMarked;
