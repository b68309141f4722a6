package dev.tutti.hub;

import dev.tutti.security.Revocation;

/** A command of an administrator about connections, which each server carries out on its own ones. Immutable. */
public sealed interface Command {
    /** Revokes tokens, and closes their connections. */
    record Revoke(Revocation revocation) implements Command {}

    /** Closes the connections of a user. */
    record Disconnect(String user) implements Command {}

    /**
     * Closes one connection.
     *
     * @param client its id, as {@link Client#id}
     */
    record DisconnectClient(String client) implements Command {}

    /** Takes the rights of a user's connections anew. */
    record Reauthorize(String user) implements Command {}

    /** Subscribes the connections of a user to a room. */
    record Subscribe(String user, String room) implements Command {}

    /** Unsubscribes the connections of a user from a room. */
    record Unsubscribe(String user, String room) implements Command {}
}
