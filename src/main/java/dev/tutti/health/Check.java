package dev.tutti.health;

import dev.tutti.hub.Problem;
import org.jspecify.annotations.Nullable;

/**
 * One part of the server at one moment. Immutable.
 *
 * @param problem the reason why it does not work, or works partly; null if all of it works
 * @param sinceMillis time of the last change: milliseconds since 1970
 */
public record Check(String name, @Nullable Problem problem, long sinceMillis) {
    /** Returns whether this part works, at least partly. */
    public boolean isUp() {
        return problem == null || problem.isPartial();
    }

    /** Returns the reason of the problem, for people; null if there is none. */
    public @Nullable String reason() {
        return problem == null ? null : problem.reason();
    }
}
