package dev.tutti.hub;

/**
 * What a room remembers of what was said: the latest publications up to a count, a size and an age, whatever comes first. Immutable.
 *
 * @param count of publications; 0 is none
 * @param bytes of their data, each with {@link Publication#OVERHEAD_BYTES} more
 * @param seconds of their age
 */
public record HistoryRule(int count, long bytes, int seconds) {
    /** Nothing is remembered. */
    public static final HistoryRule NONE = new HistoryRule(0, 0, 0);

    private static final long NANOS = 1_000_000_000L;

    long nanos() {
        return seconds * NANOS;
    }
}
