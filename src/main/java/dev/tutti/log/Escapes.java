package dev.tutti.log;

/** Makes a line of any text, so that nobody forges lines, colours or the direction of writing with a name. Stateless. */
public final class Escapes {
    private Escapes() {}

    /**
     * Returns the text with an escape such as {@code \n} or backslash and {@code u202e} for each character that a terminal or a reader of lines
     * would act on: controls, line and paragraph separators, invisible format characters and unpaired surrogates.
     */
    public static String oneLine(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isUnsafe(text, i)) {
                StringBuilder safe = new StringBuilder(text.length() + 16);
                append(safe, text, false);
                return safe.toString();
            }
        }
        return text;
    }

    /** Appends a JSON string. */
    static void appendJson(StringBuilder to, String text) {
        to.append('"');
        append(to, text, true);
        to.append('"');
    }

    private static void append(StringBuilder to, String text, boolean isJson) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isUnsafe(text, i)) {
                appendEscape(to, c);
            } else if (isJson && (c == '"' || c == '\\')) {
                to.append('\\').append(c);
            } else {
                to.append(c);
            }
        }
    }

    private static boolean isUnsafe(String text, int i) {
        char c = text.charAt(i);
        if (c >= ' ' && c < 0x7f) {
            return false;
        }
        int codePoint = Character.isLowSurrogate(c) ? text.codePointBefore(i + 1) : text.codePointAt(i);
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> // a surrogate without its other half
                true;
            default -> false;
        };
    }

    private static void appendEscape(StringBuilder to, char c) {
        switch (c) {
            case '\n' -> to.append("\\n");
            case '\r' -> to.append("\\r");
            case '\t' -> to.append("\\t");
            default -> to.append(String.format("\\u%04x", (int) c));
        }
    }
}
