package dev.tutti.hub;

/**
 * The times at which clients leave, one after the other, at equal distances: each in the middle of its part of the whole. Immutable.
 *
 * @param clients number of clients, at least 0
 * @param nanos in which all of them leave
 */
record Spread(int clients, long nanos) {
    /** Returns the time of a client, from 0 to {@link #nanos} after the first could leave; one that was not counted leaves last. */
    long afterNanos(int index) {
        return index >= clients ? nanos : nanos / clients * index + nanos / clients / 2;
    }
}
