package dev.tutti.security;

/**
 * Decides about the actions of an identity. Only {@link Access} asks. Implementations are safe for any thread, do not
 * block and do not throw: the caller serves a connection.
 */
@FunctionalInterface
public interface Permissions {
    /** Allows everything to everyone. */
    Permissions ALLOW_ALL = (identity, action, resource) -> true;

    /** What each {@link Way} allows: everything at this machine, everything but managing to others, nothing to nobody. */
    Permissions BY_WAY = (identity, action, resource) -> switch (identity.way()) {
        case NONE -> false;
        case LOCAL -> true;
        case OPEN, CONTAINER, TOKEN -> action != Action.MANAGE;
    };

    /** Returns whether an identity may do something with a room or a document. */
    boolean allow(Identity identity, Action action, Resource resource);
}
