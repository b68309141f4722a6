package dev.tutti.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/** Reads the values of an answer of a script: a number may come as a number or as text. Stateless. */
final class ScriptAnswers {
    private ScriptAnswers() {}

    /** @throws FormatException if it is no number */
    static long number(@Nullable Object value) {
        if (value instanceof Long number) {
            return number;
        }
        return number(text(value));
    }

    /** @throws FormatException if it is no number */
    static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new FormatException("'" + text + "' is not a number");
        }
    }

    /** @throws FormatException if it is no text */
    static String text(@Nullable Object value) {
        return new String(bytes(value), UTF_8);
    }

    /** @throws FormatException if it is not made of bytes */
    static byte[] bytes(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        throw new FormatException("a script has answered " + (value == null ? "nothing" : value.getClass()));
    }
}
