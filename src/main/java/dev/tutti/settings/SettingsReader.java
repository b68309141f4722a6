package dev.tutti.settings;

import dev.tutti.log.Escapes;
import dev.tutti.settings.Settings.InvalidSettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads all settings from several sources, and collects all faults, so that an operator learns them at once. Confined to one thread.
 *
 * <p>The first source that has a setting decides. The last one is the file that the setting {@code config} of the others names. A secret may also
 * be in a file that a setting such as {@code database-password-file} names.
 */
public final class SettingsReader {
    /** The longest file of a secret, in bytes. */
    private static final int MAX_SECRET_BYTES = 1 << 16;

    private final Map<String, SettingDefinition> definitions = new LinkedHashMap<>();
    /** The values that are well-formed by themselves. */
    private final Map<String, Given> given = new HashMap<>();
    /** The places of all values, also of faulty ones. */
    private final Map<String, String> places = new HashMap<>();

    private final Set<String> faults = new LinkedHashSet<>();
    private final List<String> warnings = new ArrayList<>();

    /** A value, and its place for people. */
    private record Given(String value, String place) {}

    /**
     * Reads the sources.
     *
     * @param types the records whose components are settings
     * @param faults that were found before, a line each
     */
    public SettingsReader(List<SettingSource> sources, List<Class<? extends Record>> types, List<String> faults) {
        this.faults.addAll(faults);
        types.forEach(type -> SettingDefinition.of(type).forEach(setting -> definitions.put(setting.name(), setting)));
        List<String> names = Settings.namesWithFiles(types);
        sources.forEach(source -> (source.isShared() ? warnings : this.faults).addAll(source.unknown(names)));
        List<SettingSource> all = new ArrayList<>(sources);
        SettingSource file = file(sources);
        if (file != null) {
            all.add(file);
            names.remove(ConfigFile.SETTING);
            this.faults.addAll(file.unknown(names));
        }
        definitions.values().forEach(setting -> find(setting, all));
        types.forEach(type -> build(lookup -> Settings.read(type, lookup)));
    }

    private @Nullable SettingSource file(List<SettingSource> sources) {
        for (SettingSource source : sources) {
            String file = source.get(ConfigFile.SETTING);
            if (file != null) {
                try {
                    return file.isBlank() ? null : ConfigFile.read(file);
                } catch (IllegalArgumentException e) {
                    faults.add(e.getMessage() + " (" + source.place(ConfigFile.SETTING) + ")");
                    return null;
                }
            }
        }
        return null;
    }

    private void find(SettingDefinition setting, List<SettingSource> sources) {
        String fileName = setting.fileName();
        for (SettingSource source : sources) {
            String value = source.get(setting.name());
            String file = fileName == null ? null : source.get(fileName);
            if (fileName != null && file != null) {
                places.put(fileName, source.place(fileName));
                if (value == null) {
                    findInFile(setting, fileName, file);
                    return;
                }
                faults.add(setting.name() + ": also given by " + source.place(fileName) + "; one is enough ("
                        + source.place(setting.name()) + ")");
            }
            if (value != null) {
                put(setting, value, source.place(setting.name()));
                return;
            }
        }
    }

    private void findInFile(SettingDefinition setting, String fileName, String file) {
        try {
            put(setting, secret(fileName, file), String.valueOf(places.get(fileName)));
        } catch (IllegalArgumentException e) {
            addFault(e);
        }
    }

    private void put(SettingDefinition setting, String value, String place) {
        places.put(setting.name(), place);
        try {
            setting.parse(value);
            given.put(setting.name(), new Given(value, place));
        } catch (InvalidSettingException e) {
            addFault(e);
        }
    }

    /** Returns the text of a file, without the line break at its end. */
    private static String secret(String setting, String file) {
        try {
            Path path = Path.of(file);
            if (Files.size(path) > MAX_SECRET_BYTES) {
                throw new IllegalArgumentException(setting + ": " + file + " is too large for a secret");
            }
            return Files.readString(path).replaceFirst("\\r?\\n\\z", "");
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException(setting + ": the file " + file + " cannot be read", e);
        }
    }

    /** Returns a lookup of the values that are well-formed by themselves; null for the default. */
    public UnaryOperator<@Nullable String> lookup() {
        return name -> {
            Given value = given.get(name);
            return value == null ? null : value.value();
        };
    }

    /**
     * Makes a value from several settings, and collects its fault.
     *
     * @param part makes it with {@link #lookup}, or throws an {@code IllegalArgumentException} whose message begins with a setting
     * @return the part, after {@link #check} has passed
     */
    public <T> Supplier<T> build(Function<UnaryOperator<@Nullable String>, T> part) {
        try {
            T built = part.apply(lookup());
            return () -> built;
        } catch (IllegalArgumentException e) {
            addFault(e);
            return () -> {
                throw new NoSuchElementException("a part with invalid settings");
            };
        }
    }

    private void addFault(IllegalArgumentException e) {
        String fault = String.valueOf(e.getMessage());
        int colon = fault.indexOf(':');
        String place = colon < 0 ? null : places.get(fault.substring(0, colon));
        faults.add(Escapes.oneLine(Secrets.hideInUrls(fault)) + (place == null ? "" : " (" + place + ")"));
    }

    /**
     * Ends the reading.
     *
     * @throws InvalidSettingsException if there is a fault
     */
    public void check() {
        if (!faults.isEmpty()) {
            throw new InvalidSettingsException(List.copyOf(faults));
        }
    }

    /** Returns a line for each name that may be a mistake. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /**
     * Returns a line for each setting: its value, and the place that it is from. Secrets are hidden.
     *
     * @param effective the values with those of other sources; null for the default
     * @param others the name of these sources
     */
    public String print(UnaryOperator<@Nullable String> effective, String others) {
        StringBuilder lines = new StringBuilder();
        definitions.forEach((name, setting) -> {
            Given value = given.get(name);
            String text = effective.apply(name);
            String place = text == null ? "default" : value == null ? others : value.place();
            String shown = setting.show(text == null ? setting.properties().value() : text);
            lines.append(name)
                    .append(" = ")
                    .append(shown)
                    .append(" (")
                    .append(place)
                    .append(")\n");
        });
        return lines.toString();
    }
}
