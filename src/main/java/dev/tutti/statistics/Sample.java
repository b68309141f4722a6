package dev.tutti.statistics;

/**
 * The open connections, and counts since the start as in {@link Totals}, at one moment. Immutable.
 *
 * @param uptimeMillis since the start
 */
public record Sample(long uptimeMillis, long clients, long received, long publications, long deliveries, long bytes) {
    static Sample of(long uptimeMillis, Totals totals) {
        return new Sample(
                uptimeMillis,
                totals.open(),
                totals.received(),
                totals.publications(),
                totals.deliveries(),
                totals.bytes());
    }
}
