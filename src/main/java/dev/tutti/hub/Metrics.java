package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/**
 * Receives the counts of a hub. Called from any thread, once for a connection, a breach, or a run of a room's shard, and never for each
 * delivery. Methods return soon and throw nothing.
 *
 * <p>Gauges are read from {@link Hub#clientCount}, {@link Hub#roomCount} and {@link Budget#usedBytes}.
 */
public interface Metrics {
    /** Counts nothing. */
    Metrics NONE = new Metrics() {};

    /** A client has connected; {@link #connectionClosed} follows, at once if it is refused. */
    default void connectionOpened() {}

    /**
     * A client has ended.
     *
     * @param code with which the hub closes the connection; null if the peer closed it, or it broke
     */
    default void connectionClosed(@Nullable CloseCode code) {}

    /** A client went over a limit. */
    default void limitBreached(LimitBreach breach) {}

    /**
     * A run took publications of a room, which are counted once whatever the number of members.
     *
     * @param bytes as {@link Publication#bytes}
     */
    default void published(int count, long bytes) {}

    /**
     * A run has handed broadcasts to clients.
     *
     * @param frames one that went to a hundred clients counts a hundred; it may hold several broadcasts
     * @param bytes of these frames on the wire
     */
    default void delivered(long frames, long bytes) {}
}
