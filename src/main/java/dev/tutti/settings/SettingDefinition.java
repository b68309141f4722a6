package dev.tutti.settings;

import dev.tutti.log.Escapes;
import dev.tutti.settings.Settings.InvalidSettingException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One setting. Immutable.
 *
 * @param name such as {@code max-rooms}
 * @param type of its values: a string, a number, a boolean, an enum, or a type with a public static method {@code valueOf(String)}
 * @param properties its default, description and bounds
 */
public record SettingDefinition(String name, Class<?> type, Setting properties) {
    private static final String FILE_SUFFIX = "-file";
    private static final String HIDDEN = "(hidden)";

    /** Returns the settings of a record, in their order. */
    public static List<SettingDefinition> of(Class<? extends Record> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(component -> new SettingDefinition(
                        nameOf(component), component.getType(), component.getAnnotation(Setting.class)))
                .toList();
    }

    private static String nameOf(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** Returns the name of the setting whose value is a file that holds this secret; null if this is no secret. */
    @Nullable
    String fileName() {
        return properties.secret() ? name + FILE_SUFFIX : null;
    }

    /** Returns a value as others may see it: on one line, without secrets. */
    String show(String value) {
        return properties.secret() && !value.isEmpty() ? HIDDEN : Escapes.oneLine(Secrets.hideInUrls(value));
    }

    /** Returns a line of help. */
    String help() {
        String shown = properties.value().isEmpty() ? "none" : properties.value();
        String alternative = fileName() == null ? "" : "; or --" + fileName() + " with a file that holds it";
        return String.format("  --%-32s %s%s [%s]%n", name, properties.help(), alternative, shown);
    }

    /**
     * Returns the value of a text.
     *
     * @param given null for the default
     * @throws InvalidSettingException if it is not of the setting's type or range
     */
    Object parse(@Nullable String given) {
        String text = given == null ? properties.value() : given;
        if (type == String.class) {
            return text;
        }
        if (!type.isPrimitive()) {
            return valueOf(text);
        }
        return type == boolean.class ? (Object) parseBoolean(text.strip()) : parseNumber(text);
    }

    private Object parseNumber(String text) {
        long number;
        try {
            number = Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            throw notInRange(text);
        }
        if (number < properties.min() || number > properties.max()) {
            throw notInRange(text);
        }
        return type == int.class ? (Object) (int) number : (Object) number;
    }

    private InvalidSettingException notInRange(String text) {
        return new InvalidSettingException(
                name + ": '" + text + "' is not a whole number from " + properties.min() + " to " + properties.max());
    }

    private boolean parseBoolean(String text) {
        if (text.equals("true") || text.equals("false")) {
            return text.equals("true");
        }
        throw new InvalidSettingException(name + ": '" + text + "' is neither true nor false");
    }

    private Object valueOf(String text) {
        if (type.isEnum()) {
            return constant(text.strip());
        }
        try {
            return type.getMethod("valueOf", String.class).invoke(null, text);
        } catch (InvocationTargetException e) {
            String reason = String.valueOf(Objects.requireNonNull(e.getCause()).getMessage());
            boolean quotesSecret = properties.secret() && !text.isEmpty();
            throw new InvalidSettingException(name + ": " + (quotesSecret ? reason.replace(text, HIDDEN) : reason));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the type of a setting has a public static method valueOf(String)", e);
        }
    }

    /** Returns a constant by its name in small letters. */
    private Object constant(String text) {
        List<String> words = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            String word = constant.toString().toLowerCase(Locale.ROOT);
            if (word.equals(text)) {
                return constant;
            }
            words.add(word);
        }
        throw new InvalidSettingException(name + ": '" + text + "' is none of " + String.join(", ", words));
    }
}
