package dev.tutti.settings;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads records whose components are {@link Setting}s: strings, numbers, booleans, enums, and types with a public static method {@code
 * valueOf(String)}. Stateless.
 */
public final class Settings {
    private Settings() {}

    /** A value that a setting cannot have. The message contains the setting, the value and the valid values. */
    public static final class InvalidSettingException extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        InvalidSettingException(String message) {
            super(message);
        }
    }

    /**
     * Returns a record of type {@code type}.
     *
     * @param lookup returns the value of a name such as {@code max-rooms}; null for the default
     * @throws InvalidSettingException if a value is not of its setting's type or range
     * @throws IllegalArgumentException if the record refuses its values
     */
    public static <R extends Record> R read(Class<R> type, UnaryOperator<@Nullable String> lookup) {
        List<Class<?>> types = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        for (SettingDefinition setting : SettingDefinition.of(type)) {
            types.add(setting.type());
            values.add(setting.parse(lookup.apply(setting.name())));
        }
        try {
            return type.getDeclaredConstructor(types.toArray(Class<?>[]::new)).newInstance(values.toArray());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refusal) {
                throw refusal;
            }
            throw new LinkageError("a settings record checks its values only", e);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("a settings record has a public canonical constructor", e);
        }
    }

    /** Returns the names of a record's settings, in their order. */
    public static List<String> names(Class<? extends Record> type) {
        return SettingDefinition.of(type).stream().map(SettingDefinition::name).toList();
    }

    /** Returns the names of all settings of these records, with those that name files of secrets, such as {@code jwt-secret-file}. */
    public static List<String> namesWithFiles(List<Class<? extends Record>> types) {
        List<String> names = new ArrayList<>();
        for (Class<? extends Record> type : types) {
            for (SettingDefinition setting : SettingDefinition.of(type)) {
                names.add(setting.name());
                if (setting.fileName() != null) {
                    names.add(setting.fileName());
                }
            }
        }
        return names;
    }

    /** Returns the environment variable of a setting: {@code TUTTI_MAX_ROOMS} for {@code max-rooms}. */
    public static String environmentName(String name) {
        return "TUTTI_" + name.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** Returns a line of help for each setting, with its default. */
    public static String help(Class<? extends Record> type) {
        StringBuilder lines = new StringBuilder();
        SettingDefinition.of(type).forEach(setting -> lines.append(setting.help()));
        return lines.toString();
    }
}
