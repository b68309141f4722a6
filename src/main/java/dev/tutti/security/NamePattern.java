package dev.tutti.security;

import java.util.List;

/**
 * A pattern of room or document names: {@code *} stands for any characters, also none, and <code>{user}</code> for the name of the user.
 * Immutable.
 *
 * @param literals the texts between the stars, at least one
 */
public record NamePattern(List<String> literals) {
    private static final String USER = "{user}";

    /** Copies the list. */
    public NamePattern {
        literals = List.copyOf(literals);
    }

    /** Returns the pattern of a text; each text is one. */
    public static NamePattern of(String text) {
        return new NamePattern(List.of(text.split("\\*", -1)));
    }

    /**
     * Returns whether a name matches. In time linear in the name for each literal, for any pattern.
     *
     * @param user name of the user; with an empty one no pattern that contains <code>{user}</code> matches
     */
    public boolean matches(String name, String user) {
        if (user.isEmpty() && literals.stream().anyMatch(literal -> literal.contains(USER))) {
            return false;
        }
        String first = literal(0, user);
        if (!name.startsWith(first)) {
            return false;
        }
        int last = literals.size() - 1;
        if (last == 0) {
            return name.length() == first.length();
        }
        int at = first.length();
        for (int i = 1; i < last; i++) {
            String literal = literal(i, user);
            int found = name.indexOf(literal, at);
            if (found < 0) {
                return false;
            }
            at = found + literal.length();
        }
        String end = literal(last, user);
        return name.length() - at >= end.length() && name.endsWith(end);
    }

    /** A star in the user's name is a star, and no wildcard. */
    private String literal(int index, String user) {
        return literals.get(index).replace(USER, user);
    }
}
