package dev.tutti.hub;

/**
 * An application's listener to a room. Its methods are called one at a time, in the room's order, on a thread that may block: clients do
 * not wait for it. Exceptions are logged.
 */
public interface RoomListener {
    /** A client or the application has published. */
    void published(Publication publication);

    /** A client has joined. */
    default void memberJoined(Member member) {}

    /** A client shows another state; the listener gets every state, also those that clients do not get because a later one followed. */
    default void presenceChanged(Member member) {}

    /** A client has left, or its connection has ended. */
    default void memberLeft(Member member) {}

    /** The listener was too slow: events were dropped between the previous call and the next one. */
    default void eventsDropped() {}
}
