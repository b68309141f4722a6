package dev.tutti.hub;

import org.jspecify.annotations.Nullable;

/**
 * Receives the counts of a hub. Called from any thread, once for a connection, a message, a reply, a breach, or a run of a mailbox, and never for
 * each delivery. Methods return soon and throw nothing.
 *
 * <p>Gauges are read from the {@link Hub} and its {@link Budget}.
 */
public interface Metrics {
    /** Counts nothing. */
    Metrics NONE = new Metrics() {};

    /** A client has connected; {@link #connectionClosed} follows, at once if it is refused. */
    default void connectionOpened(Protocol protocol) {}

    /**
     * A client has ended.
     *
     * @param code with which the hub closes the connection; null if the peer closed it, or it broke
     */
    default void connectionClosed(Protocol protocol, @Nullable CloseCode code) {}

    /** A client went over a limit. */
    default void limitBreached(LimitBreach breach) {}

    /** The hub has closed a client that held much of the output budget. */
    default void clientEvicted() {}

    /** A client has sent a message within its rate. */
    default void messageReceived(Protocol protocol) {}

    /** Clients have joined rooms, or left them if negative. */
    default void membersAdded(int memberships) {}

    /** A client has joined a room and named the last publication that it has received; {@code recovered} as {@link JoinResult#recovered}. */
    default void recovery(boolean recovered) {}

    /**
     * A run took publications of a room, which count once for any number of members.
     *
     * @param bytes as {@link Publication#bytes}
     */
    default void published(int count, long bytes) {}

    /** A run has handed publications to clients; one that went to a hundred clients counts a hundred. */
    default void delivered(Protocol protocol, long publications) {}

    /**
     * A run has handed its broadcasts to clients, or a client has got other frames.
     *
     * @param frames one that went to a hundred clients counts a hundred; it may hold several broadcasts
     * @param bytes of these frames on the wire
     */
    default void sent(long frames, long bytes) {}

    /** A run has handed publications to clients so long after it was asked for: the longest time of any of them. */
    default void publishTook(long nanos) {}

    /** A run of a room's shard has ended. */
    default void roomRunTook(long nanos) {}

    /** A run of a {@link RoomListener} has ended. */
    default void listenerRunTook(long nanos) {}
}
