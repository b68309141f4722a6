package dev.tutti.security;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A rule that grants actions on the rooms and documents whose names match a pattern, or, without patterns, on the server. A rule only grants:
 * none takes back a right that another grants. Immutable.
 *
 * @param user name of the only user that it is for; null for all users
 * @param role name of the role that it is for; null for users with any roles or none
 */
public record Grant(
        @Nullable String user,
        @Nullable String role,
        List<NamePattern> rooms,
        List<NamePattern> documents,
        Set<Action> may) {
    /** Copies the collections. */
    public Grant {
        rooms = List.copyOf(rooms);
        documents = List.copyOf(documents);
        may = Set.copyOf(may);
    }

    boolean allows(Identity identity, Action action, Resource resource) {
        return may.contains(action) && isFor(identity) && covers(resource, identity.user());
    }

    private boolean isFor(Identity identity) {
        return (user == null || user.equals(identity.user()))
                && (role == null || identity.roles().contains(role));
    }

    private boolean covers(Resource resource, String userName) {
        if (resource.kind() == Resource.Kind.SERVER) {
            return rooms.isEmpty() && documents.isEmpty();
        }
        if (resource.equals(Resource.ALL_DOCUMENTS)) {
            return !documents.isEmpty();
        }
        List<NamePattern> patterns = resource.kind() == Resource.Kind.ROOM ? rooms : documents;
        return patterns.stream().anyMatch(pattern -> pattern.matches(resource.name(), userName));
    }
}
