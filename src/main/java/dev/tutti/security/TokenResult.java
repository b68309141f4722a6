package dev.tutti.security;

import java.util.Locale;

/** The result of the verification of a token. Immutable. */
public enum TokenResult {
    ACCEPTED,
    /** The token does not pass, or was revoked. */
    REFUSED,
    /** Too many tokens of the peer's address have failed: the token was not looked at. */
    LIMITED,
    /** The server has no keys yet. */
    UNAVAILABLE;

    /** Returns the name in metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static TokenResult of(UnauthenticatedException failure) {
        if (failure.isTooMany()) {
            return LIMITED;
        }
        return failure.isTemporary() ? UNAVAILABLE : REFUSED;
    }
}
