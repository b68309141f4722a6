package dev.tutti.security;

import dev.tutti.settings.Setting;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The permissions of a server: its rules, and those that a token carries. They only grant, so their order does not matter. Whoever sits at this
 * machine ({@link Way#LOCAL}) may do everything. Immutable.
 */
public final class Rules implements Permissions {
    /** The rules of a server without the setting {@code rules}: everything but managing documents, and administering the server. */
    private static final List<Grant> DEFAULT = List.of(new Grant(
            null,
            null,
            List.of(NamePattern.of("*")),
            List.of(NamePattern.of("*")),
            EnumSet.of(Action.READ, Action.WRITE, Action.PRESENCE)));

    /** The setting behind {@link #of}. */
    public record Options(
            @Setting(value = "", help = "rights of users: JSON array of rules, or a file that holds it")
            String rules) {}

    /** Null for the default. */
    private final @Nullable List<Grant> rules;

    private Rules(@Nullable List<Grant> rules) {
        this.rules = rules;
    }

    /** Returns the permissions of a server without rules: a token that carries grants has those alone. */
    public static Rules byDefault() {
        return new Rules(null);
    }

    /** Returns the permissions of these rules. */
    public static Rules of(List<Grant> rules) {
        return new Rules(List.copyOf(rules));
    }

    @Override
    public boolean allow(Identity identity, Action action, Resource resource) {
        return switch (identity.way()) {
            case NONE -> false;
            case LOCAL -> true;
            case OPEN, CONTAINER, TOKEN, KEY ->
                anyAllows(rulesFor(identity), identity, action, resource)
                        || anyAllows(orEmpty(identity.grants()), identity, action, resource);
        };
    }

    private List<Grant> rulesFor(Identity identity) {
        if (rules != null) {
            return rules;
        }
        return identity.grants() == null ? DEFAULT : List.of();
    }

    private static List<Grant> orEmpty(@Nullable List<Grant> grants) {
        return grants == null ? List.of() : grants;
    }

    private static boolean anyAllows(List<Grant> grants, Identity identity, Action action, Resource resource) {
        for (Grant grant : grants) {
            if (grant.allows(identity, action, resource)) {
                return true;
            }
        }
        return false;
    }
}
