package dev.tutti.security;

/**
 * The identity of one connection or request, and the permissions that decide about it. Rooms, documents and the HTTP API ask it; protocols and
 * endpoints only pass it on, so that no path goes around it. Immutable.
 */
public record Access(Identity identity, Permissions permissions) {
    /** Returns an access that may do everything in a user's name; an empty name makes an anonymous one. */
    public static Access unrestricted(String user) {
        return new Access(Identity.named(user), Permissions.ALLOW_ALL);
    }

    /** Returns the rights in a room; the empty name stands for the room of {@code /ws}. */
    public Rights inRoom(String room) {
        return Rights.of(permissions, identity, Resource.room(room));
    }

    /** Returns the rights on a document. */
    public Rights onDocument(String document) {
        return Rights.of(permissions, identity, Resource.document(document));
    }

    /** Returns the rights on the server. */
    public Rights onServer() {
        return Rights.of(permissions, identity, Resource.SERVER);
    }

    /** Returns whether the token that gave this access was revoked; then it has no rights. */
    public boolean isRevoked() {
        return permissions.isRevoked(identity);
    }

    /** Returns the rights on the list of all documents. */
    public Rights onAllDocuments() {
        return Rights.of(permissions, identity, Resource.ALL_DOCUMENTS);
    }
}
