package dev.tutti.security;

import java.util.Locale;

/** How a peer was identified. Immutable. */
public enum Way {
    /** Not at all: such an identity may do nothing. */
    NONE,
    /** It sits at this machine: an anonymous guest or one with a secret, who may do everything. */
    LOCAL,
    /** Everybody may connect: an anonymous guest or one with a secret. */
    OPEN,
    /** The container authenticated its user. */
    CONTAINER,
    /** A signed token names its user. */
    TOKEN,
    /** An API key names a program, for one HTTP request; the setting {@code access} does not list it. */
    KEY;

    /** Returns the word for this way in settings and answers. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
