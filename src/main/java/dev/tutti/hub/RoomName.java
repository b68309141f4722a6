package dev.tutti.hub;

import java.text.Normalizer;
import java.util.regex.Pattern;

/**
 * Validates names of rooms and documents. A name has letters, marks and digits of any script and some signs. It is in one form only (NFC), so
 * equal names have equal bytes everywhere. Without presentation forms, {@link String#compareTo} orders names by their code points, as
 * PostgreSQL does. Stateless.
 */
public final class RoomName {
    /** In code points; in UTF-8 four times as many bytes at most. */
    private static final int MAX_LENGTH = 128;

    /** Matches usual names: a cheap check. */
    private static final Pattern ASCII = Pattern.compile("[A-Za-z0-9_~:@-][A-Za-z0-9._~:@-]{0,127}");

    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{Nd}_~:@-][\\p{L}\\p{Mn}\\p{Mc}\\p{Nd}._~:@-]*");

    /** Invisible letters and marks; presentation forms and mathematical letters, which look like others. {@code webapp/names.js} has the same pattern. */
    private static final Pattern REFUSED =
            Pattern.compile("[\\x{34F}\\x{115F}\\x{1160}\\x{17B4}\\x{17B5}\\x{180B}-\\x{180F}\\x{3164}"
                    + "\\x{F900}-\\x{FFFF}\\x{1D400}-\\x{1D7FF}\\x{E0000}-\\x{E0FFF}]");

    /** The close reason for an invalid name. */
    public static final String NO_NAME =
            "not a room name: a name has 1 to 128 letters, marks, digits and . _ - ~ : @ in NFC, and no dot or mark"
                    + " first";

    private RoomName() {}

    /**
     * Returns whether {@code name} has 1 to 128 code points, each a letter (category L), a mark (Mn, Mc), a digit (Nd) or one of {@code . _ - ~ : @},
     * starts with no dot or mark, is in NFC, and has no invisible or presentation forms.
     */
    public static boolean isValid(String name) {
        return ASCII.matcher(name).matches() || isInAnyScript(name);
    }

    private static boolean isInAnyScript(String name) {
        return name.length() <= 2 * MAX_LENGTH
                && name.codePointCount(0, name.length()) <= MAX_LENGTH
                && NAME.matcher(name).matches()
                && !REFUSED.matcher(name).find()
                && Normalizer.isNormalized(name, Normalizer.Form.NFC);
    }
}
