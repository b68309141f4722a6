package dev.tutti.security;

import java.util.EnumSet;

/** The actions that one identity may do on one room or document, or on the server. Immutable. */
public final class Rights {
    private final Resource resource;
    /** An enum set, in which a publication tests one bit. */
    private final EnumSet<Action> granted;

    private Rights(Resource resource, EnumSet<Action> granted) {
        this.resource = resource;
        this.granted = granted;
    }

    /** The effect of other rights on a client that is in a room or has a document open. */
    public enum Change {
        /** It stays, with the other rights. */
        STAYS,
        /**
         * It must leave, and may enter again at once: its right to presence differs, which a client takes with it when it enters; or its rights
         * are not known now.
         */
        MUST_REENTER,
        /** It must leave: it may not read. */
        MUST_LEAVE
    }

    /** @throws UnavailableException if the rights are not known */
    static Rights of(Permissions permissions, Identity identity, Resource resource) {
        EnumSet<Action> granted = EnumSet.noneOf(Action.class);
        granted.addAll(permissions.granted(identity, resource));
        return new Rights(resource, granted);
    }

    /** Returns whether an action is granted. */
    public boolean include(Action action) {
        return granted.contains(action);
    }

    /** Returns the effect of the rights that follow these. */
    public Change changeTo(Rights next) {
        if (!next.include(Action.READ)) {
            return Change.MUST_LEAVE;
        }
        return next.include(Action.PRESENCE) == include(Action.PRESENCE) ? Change.STAYS : Change.MUST_REENTER;
    }

    /**
     * Does nothing if an action is granted.
     *
     * @throws ForbiddenException if it is not
     */
    public void require(Action action) {
        if (!include(action)) {
            throw new ForbiddenException(resource.refusal(action));
        }
    }
}
