package dev.tutti.security;

/**
 * A room, a document or the server, as the object of an {@link Action}. Immutable.
 *
 * @param name of the room or document; empty for the room of {@code /ws}, for the list of all documents, and for the server
 */
public record Resource(Kind kind, String name) {
    /** The list of all documents: a user who may {@link Action#MANAGE} any document may read it, as far as it shows those documents. */
    public static final Resource ALL_DOCUMENTS = document("");

    /** This server, with all its users: the resource of {@link Action#ADMIN}, and of no other action. */
    public static final Resource SERVER = new Resource(Kind.SERVER, "");

    /** The kind of thing that the name names. */
    public enum Kind {
        ROOM,
        DOCUMENT,
        SERVER
    }

    /** Returns a room. */
    public static Resource room(String name) {
        return new Resource(Kind.ROOM, name);
    }

    /** Returns a document. */
    public static Resource document(String name) {
        return new Resource(Kind.DOCUMENT, name);
    }

    /** Returns the reason of a refusal, for people. It does not contain the name. */
    String refusal(Action action) {
        boolean isRoom = kind == Kind.ROOM;
        return "this user may not "
                + switch (action) {
                    case READ -> isRoom ? "join this room" : "open this document";
                    case WRITE -> isRoom ? "publish in this room" : "change this document";
                    case PRESENCE -> "see or show presence in this " + (isRoom ? "room" : "document");
                    case MANAGE -> isRoom ? "delete the history of this room" : "list or delete documents";
                    case ADMIN -> "administer this server";
                };
    }
}
