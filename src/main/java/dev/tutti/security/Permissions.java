package dev.tutti.security;

/**
 * Decides what an identity may do. The protocols ask when a request arrives, before the hub or a document sees it. Implementations are safe
 * for any thread, do not block and do not throw: the caller serves a connection, for {@link Action#PUBLISH} once a message.
 */
@FunctionalInterface
public interface Permissions {
    /** Allows everything to everyone. */
    Permissions ALLOW_ALL = (identity, action, name) -> true;

    /**
     * Returns whether an identity may do something.
     *
     * @param name of the room or document, by the action; empty for the room of {@code /ws}
     */
    boolean allow(Identity identity, Action action, String name);

    /** The actions that need a permission. */
    enum Action {
        /** To join a room, and so to receive its publications and its members. */
        JOIN_ROOM,
        /** To publish in a room. */
        PUBLISH,
        /** To open a document, and so to receive its content and its awareness. */
        READ_DOCUMENT,
        /** To change a document. */
        WRITE_DOCUMENT
    }
}
