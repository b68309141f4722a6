package dev.tutti.health;

import dev.tutti.hub.TimeSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Whether a part of the server works, and since when; as exact as {@link #check} is called often. Safe for any thread. */
final class Condition {
    private final String name;
    private final Supplier<@Nullable String> problem;
    private final TimeSource time;

    // Guarded by this.
    private boolean wasUp = true;
    private long sinceMillis;

    /** @param problem returns the present problem, for people; null if there is none. Does not block */
    Condition(String name, TimeSource time, Supplier<@Nullable String> problem) {
        this.name = name;
        this.problem = problem;
        this.time = time;
        this.sinceMillis = time.millis();
    }

    /** Looks. */
    Check check() {
        String present = problem.get();
        synchronized (this) {
            if (wasUp != (present == null)) {
                wasUp = present == null;
                sinceMillis = time.millis();
            }
            return new Check(name, present, sinceMillis);
        }
    }
}
