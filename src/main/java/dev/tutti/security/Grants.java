package dev.tutti.security;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@link Grant}s from the values of a JSON text: maps, lists and strings. It refuses members that it does not know, because a condition
 * that it ignored would grant more than the author meant. Stateless.
 */
public final class Grants {
    private Grants() {}

    /**
     * Returns the rules of a JSON array, whose elements may name a {@code user} or a {@code role}.
     *
     * @throws IllegalArgumentException if it is none; the message names the fault
     */
    public static List<Grant> ofRules(@Nullable Object rules) {
        List<Grant> grants = read(rules, Set.of("user", "role", "rooms", "documents", "may"));
        requireAdministratorsNamed(grants);
        return grants;
    }

    /**
     * Returns the grants of the claim {@code tutti}, which are for the bearer of the token.
     *
     * @throws IllegalArgumentException if it is not such a claim
     */
    public static List<Grant> ofClaim(@Nullable Object claim) {
        return read(claim, Set.of("rooms", "documents", "may"));
    }

    private static List<Grant> read(@Nullable Object value, Set<String> known) {
        if (!(value instanceof List<?> elements)) {
            throw new IllegalArgumentException("this is not an array of rules");
        }
        List<Grant> grants = new ArrayList<>();
        for (Object element : elements) {
            if (!(element instanceof Map<?, ?> rule)) {
                throw new IllegalArgumentException("a rule is an object");
            }
            for (Object name : rule.keySet()) {
                if (!known.contains(String.valueOf(name))) {
                    throw new IllegalArgumentException("a rule has no member '" + name + "'");
                }
            }
            grants.add(grant(rule));
        }
        return List.copyOf(grants);
    }

    private static Grant grant(Map<?, ?> rule) {
        List<String> actions = strings(rule, "may");
        if (actions.isEmpty()) {
            throw new IllegalArgumentException("a rule lacks 'may'");
        }
        Set<Action> may = EnumSet.noneOf(Action.class);
        actions.forEach(name -> may.add(action(name)));
        List<NamePattern> rooms = patterns(rule, "rooms");
        List<NamePattern> documents = patterns(rule, "documents");
        boolean isOfServer = may.contains(Action.ADMIN);
        if (isOfServer && (may.size() > 1 || rule.containsKey("rooms") || rule.containsKey("documents"))) {
            throw new IllegalArgumentException(
                    "a rule with 'admin' has no 'rooms', no 'documents' and no other action");
        }
        if (!isOfServer && rooms.isEmpty() && documents.isEmpty()) {
            throw new IllegalArgumentException("a rule lacks 'rooms' and 'documents'");
        }
        return new Grant(string(rule, "user"), string(rule, "role"), rooms, documents, may);
    }

    /** A rule for everybody would make each guest an administrator. */
    private static void requireAdministratorsNamed(List<Grant> rules) {
        for (Grant rule : rules) {
            if (rule.may().contains(Action.ADMIN) && rule.user() == null && rule.role() == null) {
                throw new IllegalArgumentException("a rule with 'admin' lacks 'user' or 'role'");
            }
        }
    }

    private static Action action(String name) {
        Action action = Action.ofWord(name);
        if (action == null) {
            throw new IllegalArgumentException("'" + name + "' is none of read, write, presence, manage, admin");
        }
        return action;
    }

    private static @Nullable String string(Map<?, ?> rule, String name) {
        if (!rule.containsKey(name)) {
            return null;
        }
        if (rule.get(name) instanceof String text && !text.isEmpty()) {
            return text;
        }
        throw new IllegalArgumentException("'" + name + "' is not a name");
    }

    private static List<NamePattern> patterns(Map<?, ?> rule, String name) {
        return strings(rule, name).stream().map(NamePattern::of).toList();
    }

    private static List<String> strings(Map<?, ?> rule, String name) {
        if (!rule.containsKey(name)) {
            return List.of();
        }
        List<String> strings = new ArrayList<>();
        if (rule.get(name) instanceof List<?> elements) {
            for (Object element : elements) {
                if (!(element instanceof String text)) {
                    throw new IllegalArgumentException("'" + name + "' is not an array of strings");
                }
                strings.add(text);
            }
            return strings;
        }
        throw new IllegalArgumentException("'" + name + "' is not an array of strings");
    }
}
