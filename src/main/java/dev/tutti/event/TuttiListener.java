package dev.tutti.event;

import java.util.List;

/**
 * An application's listener to all clients, rooms and documents. Tutti finds it by {@code META-INF/services/dev.tutti.event.TuttiListener}, as a bean
 * where there is CDI, or by {@code Tutti.addListener}; there may be several.
 *
 * <p>Calls about one client, room or document come one at a time, in the order of its events. Calls about others may come at the same time, so a
 * listener is safe for any thread. Its methods may block: nobody but this listener waits. Exceptions are logged.
 */
public interface TuttiListener {
    /**
     * Returns the rooms whose publications this listener takes, as patterns of names in which {@code *} stands for any characters; none by default.
     * Called once, when the listener is added.
     */
    default List<String> publicationsOf() {
        return List.of();
    }

    /** Takes any event, and calls the method of its kind. Override it to handle all events in one place. */
    default void happened(Event event) {
        event.callOn(this);
    }

    /** A client has connected, and is identified. */
    default void clientConnected(Event.ClientConnected event) {}

    /** A client is gone. */
    default void clientDisconnected(Event.ClientDisconnected event) {}

    /** A room has its first client. */
    default void roomOccupied(Event.RoomOccupied event) {}

    /** A room has lost its last client. */
    default void roomVacated(Event.RoomVacated event) {}

    /** A client has become a member of a room. */
    default void memberEntered(Event.MemberEntered event) {}

    /** A member has left a room. */
    default void memberLeft(Event.MemberLeft event) {}

    /** A message was published in a room of {@link #publicationsOf}. */
    default void published(Event.Published event) {}

    /** A document has its first client. */
    default void documentOpened(Event.DocumentOpened event) {}

    /** A document has changed. */
    default void documentChanged(Event.DocumentChanged event) {}

    /** The changes of a document are stored. */
    default void documentStored(Event.DocumentStored event) {}

    /** A document has lost its last client. */
    default void documentClosed(Event.DocumentClosed event) {}

    /** A document was deleted. */
    default void documentDeleted(Event.DocumentDeleted event) {}

    /**
     * This listener was too slow: events were dropped.
     *
     * @param count of them since the last call; they are about some of the clients, rooms and documents
     */
    default void eventsDropped(long count) {}
}
