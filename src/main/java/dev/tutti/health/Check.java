package dev.tutti.health;

import org.jspecify.annotations.Nullable;

/**
 * One part of the server at one moment. Immutable.
 *
 * @param problem why it does not work, for people; null if it works
 * @param sinceMillis since when it works, or does not: milliseconds since 1970
 */
public record Check(String name, @Nullable String problem, long sinceMillis) {
    /** Returns whether this part works. */
    public boolean isUp() {
        return problem == null;
    }
}
