package dev.tutti.yjs.lib0;

/**
 * UTF-8 counted in UTF-16 units, as Yjs counts: a character of four bytes is two units, every other is one. Stateless.
 *
 * <p>Text is well-formed if table 3-7 of the Unicode standard lists all its bytes, as in a browser's strict {@code TextDecoder}.
 */
public final class Utf8 {
    private Utf8() {}

    /** Returns the units of the text from index {@code from} to before {@code to}; −1 if it is not UTF-8. */
    public static int units(byte[] bytes, int from, int to) {
        int units = 0;
        int at = from;
        while (at < to) {
            if (bytes[at] >= 0) {
                at++;
                units++;
                continue;
            }
            int width = multibyteWidth(bytes, at, to);
            if (width == 0) {
                return -1;
            }
            at += width;
            units += width == 4 ? 2 : 1;
        }
        return units;
    }

    /** Returns the number of bytes of the multibyte character at an index; 0 if it is malformed. */
    private static int multibyteWidth(byte[] bytes, int at, int to) {
        int lead = bytes[at] & 0xFF;
        if (lead < 0xC2 || lead > 0xF4) {
            return 0;
        }
        int width = width(bytes[at]);
        if (width > to - at) {
            return 0;
        }
        for (int i = 1; i < width; i++) {
            if ((bytes[at + i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        int second = bytes[at + 1] & 0xFF;
        boolean wellFormed = switch (lead) {
            case 0xE0 -> second >= 0xA0;
            case 0xED -> second <= 0x9F;
            case 0xF0 -> second >= 0x90;
            case 0xF4 -> second <= 0x8F;
            default -> true;
        };
        return wellFormed ? width : 0;
    }

    /**
     * Skips units of well-formed text.
     *
     * @return the index after them; if the last unit is the first half of a surrogate pair, {@code ~} the index of that character
     */
    public static int skip(byte[] bytes, int from, int units) {
        int at = from;
        for (int left = units; left > 0; ) {
            int width = width(bytes[at]);
            if (width == 4) {
                if (left == 1) {
                    return ~at;
                }
                left--;
            }
            left--;
            at += width;
        }
        return at;
    }

    /** Returns the index of the character of well-formed text that the byte at {@code at} belongs to. */
    public static int boundary(byte[] bytes, int at) {
        int begin = at;
        while ((bytes[begin] & 0xC0) == 0x80) {
            begin--;
        }
        return begin;
    }

    private static int width(byte lead) {
        int b = lead & 0xFF;
        return b < 0x80 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
    }
}
