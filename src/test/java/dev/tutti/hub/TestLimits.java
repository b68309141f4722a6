package dev.tutti.hub;

import dev.tutti.settings.Settings;
import java.util.Map;

/** Limits for tests. */
final class TestLimits {
    private TestLimits() {}

    /** Returns the default limits, with other values by the name of their setting. */
    static Limits with(Map<String, ?> given) {
        return Settings.read(
                Limits.class, name -> given.containsKey(name) ? given.get(name).toString() : null);
    }

    static Limits defaults() {
        return with(Map.of());
    }
}
