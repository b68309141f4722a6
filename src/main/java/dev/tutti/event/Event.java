package dev.tutti.event;

import org.jspecify.annotations.Nullable;

/**
 * Something that has happened to a client, a room or a document. Immutable.
 *
 * <p>A <b>client</b> is one connection; a user may have several. The room of all clients on {@code /ws} has the empty name.
 */
public sealed interface Event {
    /** Returns when it happened, in milliseconds since 1970. */
    long timeMillis();

    /** Returns the client, room or document; the events of one subject are ordered. */
    Subject subject();

    /** Returns the word for this kind of event on the wire, such as {@code member.entered}. */
    String type();

    /** Returns about the bytes of memory that this takes while it waits. */
    default int bytes() {
        return OVERHEAD_BYTES;
    }

    /** Calls the method of a listener for this kind of event. */
    void callOn(TuttiListener listener);

    /** Bytes of an event without state or data: its objects, and short names. */
    int OVERHEAD_BYTES = 512;

    /** The kinds of subjects. */
    enum Kind {
        CLIENT,
        ROOM,
        DOCUMENT
    }

    /** A client by its id, or a room or a document by its name. Immutable. */
    record Subject(Kind kind, String name) {}

    /**
     * A client has connected and is identified: by its handshake, or by the token that it has sent.
     *
     * @param client id of the connection
     * @param user of the connection
     */
    record ClientConnected(long timeMillis, String client, String user) implements Event {
        @Override
        public Subject subject() {
            return new Subject(Kind.CLIENT, client);
        }

        @Override
        public String type() {
            return "client.connected";
        }

        @Override
        public void callOn(TuttiListener listener) {
            listener.clientConnected(this);
        }
    }

    /**
     * A client is gone.
     *
     * @param code the close code with which the server has closed the connection; null if the client has closed it, or it broke
     */
    record ClientDisconnected(
            long timeMillis,
            String client,
            String user,
            @Nullable Integer code) implements Event {
        @Override
        public Subject subject() {
            return new Subject(Kind.CLIENT, client);
        }

        @Override
        public String type() {
            return "client.disconnected";
        }

        @Override
        public void callOn(TuttiListener listener) {
            listener.clientDisconnected(this);
        }
    }

    /** The first client has subscribed to a room. */
    record RoomOccupied(long timeMillis, String room) implements Event {
        @Override
        public Subject subject() {
            return new Subject(Kind.ROOM, room);
        }

        @Override
        public String type() {
            return "room.occupied";
        }

        @Override
        public void callOn(TuttiListener listener) {
            listener.roomOccupied(this);
        }
    }

    /** The last client has left a room. */
    record RoomVacated(long timeMillis, String room) implements Event {
        @Override
        public Subject subject() {
            return new Subject(Kind.ROOM, room);
        }

        @Override
        public String type() {
            return "room.vacated";
        }

        @Override
        public void callOn(TuttiListener listener) {
            listener.roomVacated(this);
        }
    }

    /**
     * A client has become a member of a room. Clients without the right to presence only subscribe: they do not enter.
     *
     * @param state the presence state that it enters with, as JSON text; null for none
     */
    record MemberEntered(
            long timeMillis,
            String room,
            String client,
            String user,
            @Nullable String state) implements Event {
        @Override
        public Subject subject() {
            return new Subject(Kind.ROOM, room);
        }

        @Override
        public String type() {
            return "member.entered";
        }

        @Override
        public int bytes() {
            return Event.super.bytes() + (state == null ? 0 : 2 * state.length());
        }

        @Override
        public void callOn(TuttiListener listener) {
            listener.memberEntered(this);
        }
    }

    /** A member has left a room, or its connection has ended. */
    record MemberLeft(long timeMillis, String room, String client, String user) implements Event {
        @Override
        public Subject subject() {
            return new Subject(Kind.ROOM, room);
        }

        @Override
        public String type() {
            return "member.left";
        }

        @Override
        public void callOn(TuttiListener listener) {
            listener.memberLeft(this);
        }
    }

    /**
     * A message was published in a room.
     *
     * @param offset its place in the room
     * @param client the publisher's connection; null for the application
     * @param user the publisher; null for the application
     * @param data the message, as JSON text
     */
    record Published(
            long timeMillis,
            String room,
            long offset,
            @Nullable String client,
            @Nullable String user,
            String data) implements Event {
        @Override
        public Subject subject() {
            return new Subject(Kind.ROOM, room);
        }

        @Override
        public String type() {
            return "publication";
        }

        @Override
        public int bytes() {
            return Event.super.bytes() + 2 * data.length();
        }

        @Override
        public void callOn(TuttiListener listener) {
            listener.published(this);
        }
    }

    /** The first client has opened a document. */
    record DocumentOpened(long timeMillis, String document) implements Event {
        @Override
        public Subject subject() {
            return new Subject(Kind.DOCUMENT, document);
        }

        @Override
        public String type() {
            return "document.opened";
        }

        @Override
        public void callOn(TuttiListener listener) {
            listener.documentOpened(this);
        }
    }

    /** A document has changed. While it goes on changing, one event covers all changes of about two seconds. */
    record DocumentChanged(long timeMillis, String document) implements Event {
        @Override
        public Subject subject() {
            return new Subject(Kind.DOCUMENT, document);
        }

        @Override
        public String type() {
            return "document.changed";
        }

        @Override
        public void callOn(TuttiListener listener) {
            listener.documentChanged(this);
        }
    }

    /** All changes up to the last {@link DocumentChanged} are stored. */
    record DocumentStored(long timeMillis, String document) implements Event {
        @Override
        public Subject subject() {
            return new Subject(Kind.DOCUMENT, document);
        }

        @Override
        public String type() {
            return "document.stored";
        }

        @Override
        public void callOn(TuttiListener listener) {
            listener.documentStored(this);
        }
    }

    /** The last client has closed a document. Its last changes may still be on their way to the store. */
    record DocumentClosed(long timeMillis, String document) implements Event {
        @Override
        public Subject subject() {
            return new Subject(Kind.DOCUMENT, document);
        }

        @Override
        public String type() {
            return "document.closed";
        }

        @Override
        public void callOn(TuttiListener listener) {
            listener.documentClosed(this);
        }
    }

    /** A document was deleted. */
    record DocumentDeleted(long timeMillis, String document) implements Event {
        @Override
        public Subject subject() {
            return new Subject(Kind.DOCUMENT, document);
        }

        @Override
        public String type() {
            return "document.deleted";
        }

        @Override
        public void callOn(TuttiListener listener) {
            listener.documentDeleted(this);
        }
    }
}
