package dev.tutti.security;

import java.util.EnumSet;

/** The actions that one identity may do on one room or document. Immutable. */
public final class Rights {
    private final Resource resource;
    /** An enum set, in which a publication tests one bit. */
    private final EnumSet<Action> granted;

    private Rights(Resource resource, EnumSet<Action> granted) {
        this.resource = resource;
        this.granted = granted;
    }

    /** Asks for each action once. */
    static Rights of(Permissions permissions, Identity identity, Resource resource) {
        EnumSet<Action> granted = EnumSet.noneOf(Action.class);
        for (Action action : Action.values()) {
            if (permissions.allow(identity, action, resource)) {
                granted.add(action);
            }
        }
        return new Rights(resource, granted);
    }

    /** Returns whether an action is granted. */
    public boolean include(Action action) {
        return granted.contains(action);
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
