package dev.tutti.health;

import dev.tutti.hub.Problem;
import dev.tutti.hub.TimeSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Whether a part of the server works, and since when; as exact as {@link #check} is called often. Safe for any thread. */
final class Condition {
    private final String name;
    private final Supplier<@Nullable Problem> problem;
    private final TimeSource time;

    // Guarded by this.
    private int lastSeverity;
    private long sinceMillis;

    /** @param problem returns the present problem; null if there is none. Does not block */
    Condition(String name, TimeSource time, Supplier<@Nullable Problem> problem) {
        this.name = name;
        this.problem = problem;
        this.time = time;
        this.sinceMillis = time.millis();
    }

    /** Looks. */
    Check check() {
        Problem present = problem.get();
        synchronized (this) {
            int severity = severity(present);
            if (severity != lastSeverity) {
                lastSeverity = severity;
                sinceMillis = time.millis();
            }
            return new Check(name, present, sinceMillis);
        }
    }

    /** Returns 0 without a problem, 1 for a partial one, 2 for any other. */
    private static int severity(@Nullable Problem problem) {
        if (problem == null) {
            return 0;
        }
        return problem.isPartial() ? 1 : 2;
    }
}
