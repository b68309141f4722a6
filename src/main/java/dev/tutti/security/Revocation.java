package dev.tutti.security;

import java.time.Instant;

/**
 * The rule that some tokens do not count any more. It matters until the last token that was issued before its time has ended. Immutable.
 *
 * @param name of the user, or the id of the token; empty for {@link Kind#ALL}
 * @param issuedBefore the time before which the tokens were issued
 */
public record Revocation(Kind kind, String name, Instant issuedBefore) {
    /** UTF-16 units of the longest name. */
    private static final int MAX_LENGTH = 256;

    /** Which tokens are revoked. */
    public enum Kind {
        /** Those of all users. */
        ALL,
        /** Those of one user. */
        USER,
        /** One by its id. */
        TOKEN
    }

    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException if no token has such a user or id
     */
    public Revocation {
        if (kind != Kind.ALL && (name.isEmpty() || name.length() > MAX_LENGTH)) {
            throw new IllegalArgumentException("a name has 1 to " + MAX_LENGTH + " characters");
        }
    }
}
