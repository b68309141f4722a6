package dev.tutti.hub;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Encodes the events of rooms for one kind of client. Stateless; all clients of a kind share one instance. */
public interface Protocol {
    /** Returns the name of the protocol in metrics. */
    default String name() {
        return "other";
    }

    /** Returns the path of the endpoint in metrics, with placeholders. */
    default String endpoint() {
        return "other";
    }

    /** Returns the frame of an event, null if these clients do not receive it. Called once for each event, for all clients together. */
    @Nullable
    Frame encode(String room, RoomEvent event);

    /** Returns whether these clients receive presence events; then a vanished client of this kind must be detected soon. */
    boolean receivesPresence();

    /** Returns whether these clients may connect before they send a token in a message, for which they have a time limit. */
    default boolean takesTokenLater() {
        return false;
    }

    /** Returns the frame that asks a client for a new token, because its own ends so soon; null if these clients know none. */
    default @Nullable Frame expiring(long leftMillis) {
        return null;
    }

    /**
     * Returns the frame that asks a client to reconnect by itself, after a time, because the server drains; null if these clients know none, so
     * that the connection must be closed.
     */
    default @Nullable Frame reconnect(long afterMillis) {
        return null;
    }

    /**
     * Returns the last frame of a room that a client must leave; null if these clients know none, so that the connection must be closed.
     */
    default @Nullable Frame removed(String room, Removal removal) {
        return null;
    }

    /**
     * Returns the encoder of the frame that tells a client that the server has subscribed it to a room; null if these clients know none, so that the
     * server cannot subscribe them.
     */
    default @Nullable Function<JoinResult, Frame> subscribed(String room) {
        return null;
    }

    /**
     * Returns the most bytes of a text frame that several messages share, one on each line; 0 if each message has a frame of its own.
     */
    default int maxSharedFrameBytes() {
        return 0;
    }

    /**
     * Returns whether a client that is too slow is not closed: the outbox drops its frames, and its {@link Attachment} sends the difference
     * when the client has caught up.
     */
    default boolean supportsCatchUp() {
        return false;
    }
}
