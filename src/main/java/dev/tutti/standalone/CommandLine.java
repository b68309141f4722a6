package dev.tutti.standalone;

import dev.tutti.settings.Settings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Parses {@code --name value} and {@code --name=value}. Stateless. */
final class CommandLine {
    private CommandLine() {}

    /**
     * Returns the values by name. A flag has an empty value; of repeated options the last counts.
     *
     * @throws IllegalArgumentException if an option is unknown or has no value
     */
    static Map<String, String> parse(String[] args, List<String> names, List<String> flags) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < args.length; i++) {
            String arg = args[i];
            int equals = arg.indexOf('=');
            String name = arg.startsWith("--") ? arg.substring(2, equals < 0 ? arg.length() : equals) : "";
            if (flags.contains(name) && equals < 0) {
                given.put(name, "");
            } else if (!names.contains(name)) {
                throw new IllegalArgumentException("unknown option '" + arg + "'; --help lists all options");
            } else if (equals >= 0) {
                given.put(name, arg.substring(equals + 1));
            } else if (++i < args.length) {
                given.put(name, args[i]);
            } else {
                throw new IllegalArgumentException("option " + arg + " requires a value");
            }
        }
        return given;
    }

    /** Returns a lookup of settings in {@code given}, then in the environment. */
    static UnaryOperator<@Nullable String> lookup(Map<String, String> given, Map<String, String> environment) {
        return name -> {
            String value = given.get(name);
            return value != null ? value : environment.get(Settings.environmentName(name));
        };
    }
}
