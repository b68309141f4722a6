package dev.tutti.settings;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A place that gives settings their values. Immutable. */
public final class SettingSource {
    private static final String VARIABLE_PREFIX = "TUTTI_";

    /**
     * Variables of Kubernetes and Docker for each service nearby, also for one that is named tutti: {@code TUTTI_SERVICE_HOST}, {@code
     * TUTTI_PORT_8000_TCP_ADDR}.
     */
    private static final Pattern SERVICE_VARIABLE =
            Pattern.compile("TUTTI_(\\w+_)?(SERVICE_(HOST|PORT)(_\\w+)?|PORT_\\d+_(TCP|UDP|SCTP)(_\\w+)?)");

    /** The value of {@code TUTTI_PORT} for a service that is named tutti. */
    private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

    private final String noun;
    private final String location;
    private final UnaryOperator<String> spelling;
    private final Map<String, String> values;
    private final boolean isShared;

    private SettingSource(
            String noun,
            String location,
            UnaryOperator<String> spelling,
            Map<String, String> values,
            boolean isShared) {
        this.noun = noun;
        this.location = location;
        this.spelling = spelling;
        this.values = Map.copyOf(values);
        this.isShared = isShared;
    }

    /** Returns a source of the options of a command line, by name. */
    public static SettingSource commandLine(Map<String, String> options) {
        Map<String, String> values = new HashMap<>();
        options.forEach((name, value) -> values.put("--" + name, value));
        return new SettingSource("option", "", name -> "--" + name, values, false);
    }

    /** Returns a source of a file of properties. */
    static SettingSource file(String file, Map<String, String> properties) {
        return new SettingSource("setting", file, UnaryOperator.identity(), properties, false);
    }

    /** Returns a source of the context parameters of a servlet context that begin with {@code tutti.}. */
    public static SettingSource contextParameters(Map<String, String> parameters) {
        String prefix = "tutti.";
        Map<String, String> values = new HashMap<>(parameters);
        values.keySet().removeIf(name -> !name.startsWith(prefix));
        return new SettingSource("context parameter", "", name -> prefix + name, values, false);
    }

    /** Returns a source of the variables that begin with {@code TUTTI_}, except those that an orchestrator adds for services. */
    public static SettingSource environment(Map<String, String> variables) {
        return new SettingSource("variable", "", Settings::environmentName, own(variables), false);
    }

    /** As {@link #environment}, for a process that other applications share: a variable that is no setting may be one of theirs. */
    public static SettingSource sharedEnvironment(Map<String, String> variables) {
        return new SettingSource("variable", "", Settings::environmentName, own(variables), true);
    }

    private static Map<String, String> own(Map<String, String> variables) {
        Map<String, String> values = new HashMap<>(variables);
        values.entrySet()
                .removeIf(variable -> !variable.getKey().startsWith(VARIABLE_PREFIX)
                        || SERVICE_VARIABLE.matcher(variable.getKey()).matches()
                        || (variable.getKey().endsWith("_PORT")
                                && SERVICE_ADDRESS.matcher(variable.getValue()).matches()));
        return values;
    }

    /** Returns the value of a setting; null if this source has none. */
    @Nullable
    String get(String name) {
        return values.get(spelling.apply(name));
    }

    /** Returns the place of a setting for people: {@code --max-rooms}, {@code TUTTI_MAX_ROOMS}, the name of a file. */
    String place(String name) {
        if (!location.isEmpty()) {
            return location;
        }
        return noun.equals("context parameter") ? noun + " " + spelling.apply(name) : spelling.apply(name);
    }

    /** Returns whether other applications use this source too. */
    boolean isShared() {
        return isShared;
    }

    /** Returns a line for each name that is no setting, with the setting that it may mean. */
    List<String> unknown(List<String> settings) {
        TreeSet<String> names = new TreeSet<>(values.keySet());
        settings.forEach(setting -> names.remove(spelling.apply(setting)));
        return names.stream().map(name -> unknown(name, settings)).toList();
    }

    private String unknown(String written, List<String> settings) {
        String prefix = spelling.apply("");
        String name = written.substring(Math.min(prefix.length(), written.length()));
        String nearest = NearestName.of(name, settings);
        return "unknown " + noun + " '" + written + "'" + (location.isEmpty() ? "" : " in " + location)
                + (nearest == null ? "; --help lists all settings" : ": did you mean " + spelling.apply(nearest) + "?");
    }
}
