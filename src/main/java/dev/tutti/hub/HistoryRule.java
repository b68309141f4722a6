package dev.tutti.hub;

/**
 * The publications that a room retains: the latest, up to a number, a size and an age, whichever is reached first. Immutable.
 *
 * @param count number of publications; 0 for none
 * @param bytes as {@link Publication#bytes}, of all together
 * @param seconds of age
 */
public record HistoryRule(int count, long bytes, int seconds) {
    /** Retains nothing. */
    public static final HistoryRule NONE = new HistoryRule(0, 0, 0);

    private static final long NANOS = 1_000_000_000L;

    long nanos() {
        return seconds * NANOS;
    }
}
