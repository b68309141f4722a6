package dev.tutti.hub;

import dev.tutti.settings.Settings;
import java.util.Map;

/** Limits for tests: none but those named. */
final class TestLimits {
    private TestLimits() {}

    /** Returns the defaults with these instead, by the setting's name. */
    static Limits with(Map<String, ?> given) {
        return Settings.read(
                Limits.class, name -> given.containsKey(name) ? given.get(name).toString() : null);
    }

    static Limits defaults() {
        return with(Map.of());
    }
}
