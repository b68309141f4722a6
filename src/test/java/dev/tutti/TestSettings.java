package dev.tutti;

import dev.tutti.settings.SettingSource;
import dev.tutti.settings.SettingsReader;
import dev.tutti.standalone.Configuration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings of servers under test; by default they listen on any port of the loopback, let everybody in, and keep documents in memory.
 * Stateless.
 */
public final class TestSettings {
    private static final Map<String, String> DEFAULTS =
            Map.of("host", "127.0.0.1", "port", "0", "data", "none", "access", "local,open");

    private TestSettings() {}

    /** Returns a configuration with these settings and the defaults. */
    public static Configuration of(Map<String, String> given) {
        Map<String, String> settings = new HashMap<>(DEFAULTS);
        settings.putAll(given);
        return Configuration.of(
                new SettingsReader(List.of(SettingSource.commandLine(settings)), AllSettings.TYPES, List.of()));
    }

    /** Returns a configuration with a fixed port, for a server that restarts. */
    public static Configuration of(int port, Map<String, String> given) {
        Map<String, String> settings = new HashMap<>(given);
        settings.put("port", String.valueOf(port));
        return of(settings);
    }
}
