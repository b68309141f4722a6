package dev.tutti.event;

/**
 * Takes the events of all clients, rooms and documents. The poster may hold the monitor of the client or room, so no method blocks, calls back or
 * throws. Safe for any thread; the events of one subject arrive in their order.
 */
public interface EventSink {
    /** Returns whether this takes the publications of a room. Called for each publication. */
    boolean takesPublicationsOf(String room);

    /** Takes an event; a publication only if {@link #takesPublicationsOf} its room. */
    void post(Event event);
}
