package dev.tutti.protocol;

import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import org.jspecify.annotations.Nullable;

/** JSON as text on the wire: the parts that a parser does not check. Stateless. */
public final class JsonText {
    private static final Jsonb JSONB = JsonbBuilder.create(); // safe for any thread

    private static final String WHITESPACE = " \t\n\r"; // RFC 8259 section 2

    private JsonText() {}

    /**
     * Returns a value as JSON text, in one line of well-formed Unicode.
     *
     * @param value anything that JSON-B can write
     * @throws jakarta.json.bind.JsonbException if JSON-B cannot write it
     */
    public static String of(@Nullable Object value) {
        return wellFormed(JSONB.toJson(value));
    }

    /** Returns JSON text with its lone surrogates escaped, which UTF-8 cannot encode; they can only be within strings. */
    public static String wellFormed(String json) {
        for (int i = 0; i < json.length(); i++) {
            if (Character.isSurrogate(json.charAt(i))) {
                return escapeLoneSurrogates(json);
            }
        }
        return json;
    }

    /** Returns a string as a JSON string, with its quotes. */
    public static String quote(String text) {
        StringBuilder json = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < 0x20) {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return wellFormed(json.append('"').toString());
    }

    /** Returns whether only whitespace follows the first object or array of a text; a parser has read that one without an error. */
    public static boolean isOneStructure(String json) {
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (quoted) {
                i += c == '\\' ? 1 : 0;
                quoted = c != '"';
            } else if (c == '"') {
                quoted = true;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if ((c == '}' || c == ']') && --depth == 0) {
                return skipWhitespace(json, i + 1) == json.length();
            }
        }
        return false;
    }

    /** Returns the index of the first character from {@code at} on that is no whitespace; the length if there is none. */
    public static int skipWhitespace(String text, int at) {
        int i = at;
        while (i < text.length() && WHITESPACE.indexOf(text.charAt(i)) >= 0) {
            i++;
        }
        return i;
    }

    private static String escapeLoneSurrogates(String json) {
        StringBuilder escaped = new StringBuilder(json.length() + 16);
        json.codePoints().forEach(c -> {
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                escaped.append(String.format("\\u%04x", c));
            } else {
                escaped.appendCodePoint(c);
            }
        });
        return escaped.toString();
    }
}
