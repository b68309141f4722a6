package dev.tutti.settings;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads records whose components are {@link Setting}s: strings, numbers, booleans, and types with a public static method {@code
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
     */
    public static <R extends Record> R read(Class<R> type, UnaryOperator<@Nullable String> lookup) {
        List<Class<?>> types = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            Setting setting = component.getAnnotation(Setting.class);
            String name = nameOf(component);
            String given = lookup.apply(name);
            types.add(component.getType());
            values.add(parse(name, given == null ? setting.value() : given, setting, component.getType()));
        }
        try {
            return type.getDeclaredConstructor(types.toArray(Class<?>[]::new)).newInstance(values.toArray());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("a settings record has a public canonical constructor", e);
        }
    }

    /** Returns the names of a record's settings, in their order. */
    public static List<String> names(Class<? extends Record> type) {
        return List.of(type.getRecordComponents()).stream()
                .map(Settings::nameOf)
                .toList();
    }

    /** Returns the environment variable of a setting: {@code TUTTI_MAX_ROOMS} for {@code max-rooms}. */
    public static String environmentName(String name) {
        return "TUTTI_" + name.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** Returns a line of help for each setting, with its default. */
    public static String help(Class<? extends Record> type) {
        StringBuilder lines = new StringBuilder();
        for (RecordComponent component : type.getRecordComponents()) {
            Setting setting = component.getAnnotation(Setting.class);
            String shown = setting.value().isEmpty() ? "none" : setting.value();
            lines.append(String.format("  --%-32s %s [%s]%n", nameOf(component), setting.help(), shown));
        }
        return lines.toString();
    }

    private static String nameOf(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static Object parse(String name, String text, Setting setting, Class<?> type) {
        if (type == String.class) {
            return text;
        }
        if (!type.isPrimitive()) {
            return valueOf(name, text, type);
        }
        if (type == boolean.class) {
            return parseBoolean(name, text.strip());
        }
        long number;
        try {
            number = Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            throw invalid(name, text, setting);
        }
        if (number < setting.min() || number > setting.max()) {
            throw invalid(name, text, setting);
        }
        return type == int.class ? (Object) (int) number : (Object) number;
    }

    private static boolean parseBoolean(String name, String text) {
        if (text.equals("true") || text.equals("false")) {
            return text.equals("true");
        }
        throw new InvalidSettingException(name + ": '" + text + "' is neither true nor false");
    }

    private static Object valueOf(String name, String text, Class<?> type) {
        try {
            return type.getMethod("valueOf", String.class).invoke(null, text);
        } catch (InvocationTargetException e) {
            throw new InvalidSettingException(
                    name + ": " + Objects.requireNonNull(e.getCause()).getMessage());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the type of a setting has a public static method valueOf(String)", e);
        }
    }

    private static InvalidSettingException invalid(String name, String text, Setting setting) {
        return new InvalidSettingException(
                name + ": '" + text + "' is not a whole number from " + setting.min() + " to " + setting.max());
    }
}
