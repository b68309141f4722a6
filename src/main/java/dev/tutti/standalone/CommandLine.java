package dev.tutti.standalone;

import dev.tutti.settings.InvalidSettingsException;
import dev.tutti.settings.NearestName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The options {@code --name value} and {@code --name=value} of a command line. Immutable.
 *
 * @param given the values by name; a flag has an empty value; of repeated options the last counts
 * @param faults a line for each option that is unknown or has no value; without its value, which may be a secret
 */
record CommandLine(Map<String, String> given, List<String> faults) {
    CommandLine {
        given = Map.copyOf(given);
        faults = List.copyOf(faults);
    }

    /**
     * Refuses faults.
     *
     * @throws InvalidSettingsException if there are any
     */
    void check() {
        if (!faults.isEmpty()) {
            throw new InvalidSettingsException(faults);
        }
    }

    /**
     * Parses arguments.
     *
     * @param names of options with a value
     * @param flags names of options without one
     */
    static CommandLine parse(String[] args, List<String> names, List<String> flags) {
        Map<String, String> given = new HashMap<>();
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            String arg = args[i];
            int equals = arg.indexOf('=');
            boolean hasNext = i + 1 < args.length;
            String name = arg.startsWith("--") ? arg.substring(2, equals < 0 ? arg.length() : equals) : "";
            if (flags.contains(name) && equals < 0) {
                given.put(name, "");
            } else if (flags.contains(name)) {
                faults.add("option --" + name + " takes no value");
            } else if (!names.contains(name)) {
                faults.add(unknown(equals < 0 ? arg : arg.substring(0, equals), names, flags));
                boolean isValueNext = !name.isEmpty() && equals < 0 && hasNext && !args[i + 1].startsWith("-");
                i += isValueNext ? 1 : 0;
            } else if (equals >= 0) {
                given.put(name, arg.substring(equals + 1));
            } else if (hasNext) {
                given.put(name, args[++i]);
            } else {
                faults.add("option " + arg + " requires a value");
            }
        }
        return new CommandLine(given, faults);
    }

    private static String unknown(String option, List<String> names, List<String> flags) {
        List<String> all = new ArrayList<>(names);
        all.addAll(flags);
        String nearest = NearestName.of(option.replaceFirst("^-*", ""), all);
        return "unknown option '" + option + "'"
                + (nearest == null ? "; --help lists all options" : ": did you mean --" + nearest + "?");
    }
}
