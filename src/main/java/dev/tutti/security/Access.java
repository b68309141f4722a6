package dev.tutti.security;

import dev.tutti.security.Permissions.Action;

/** The permissions of one connection: its identity, and the rules that decide about it. Immutable; safe for any thread. */
public record Access(Identity identity, Permissions permissions) {
    /** Returns whether the connection may join a room. */
    public boolean mayJoin(String room) {
        return permissions.allow(identity, Action.JOIN_ROOM, room);
    }

    /** Returns whether the connection may publish in a room. */
    public boolean mayPublish(String room) {
        return permissions.allow(identity, Action.PUBLISH, room);
    }

    /** Returns whether the connection may open a document. */
    public boolean mayRead(String document) {
        return permissions.allow(identity, Action.READ_DOCUMENT, document);
    }

    /** Returns whether the connection may change a document. */
    public boolean mayWrite(String document) {
        return permissions.allow(identity, Action.WRITE_DOCUMENT, document);
    }
}
