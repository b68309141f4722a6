package dev.tutti.security;

import java.util.concurrent.Executor;

/**
 * Decides about the actions of an identity. Only {@link Access} asks. Implementations are safe for any thread, do not
 * block and do not throw: the caller serves a connection.
 */
@FunctionalInterface
public interface Permissions {
    /** Allows everything to everyone. */
    Permissions ALLOW_ALL = (identity, action, resource) -> true;

    /** Returns whether an identity may do something with a room, a document or the server. */
    boolean allow(Identity identity, Action action, Resource resource);

    /**
     * Handles a tick of the clock, about twice a second: looks for other rules. Does not block.
     *
     * @param background runs what may block
     * @param changed is called there after the decisions have changed
     */
    default void tick(Executor background, Runnable changed) {}

    /** Returns whether the token of an identity was revoked. Such an identity may do nothing. */
    default boolean isRevoked(Identity identity) {
        return false;
    }
}
