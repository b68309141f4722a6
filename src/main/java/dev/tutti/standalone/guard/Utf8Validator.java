package dev.tutti.standalone.guard;

/**
 * UTF-8 that comes byte by byte: the well-formed sequences of table 3-7 of the Unicode standard, so no overlong forms, no
 * surrogates, nothing above U+10FFFF. Confined to one thread.
 */
final class Utf8 {
    private static final int FIRST_CONTINUATION = 0x80;
    private static final int LAST_CONTINUATION = 0xBF;

    /** How many bytes the character that has begun still lacks. */
    private int missing;
    /** The bounds of the next of them. */
    private int low = FIRST_CONTINUATION;

    private int high = LAST_CONTINUATION;

    /** Returns whether what came so far ends with a whole character. */
    boolean isWhole() {
        return missing == 0;
    }

    /** Takes the next byte, 0 to 255; returns whether it may stand there. After a false, no answer means anything. */
    boolean accept(int b) {
        if (missing == 0) {
            return b < 0x80 || begin(b);
        }
        boolean fits = b >= low && b <= high;
        missing--;
        low = FIRST_CONTINUATION;
        high = LAST_CONTINUATION;
        return fits;
    }

    private boolean begin(int b) {
        if (b < 0xC2 || b > 0xF4) {
            return false;
        }
        missing = b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
        if (b == 0xE0) {
            low = 0xA0;
        } else if (b == 0xED) {
            high = 0x9F;
        } else if (b == 0xF0) {
            low = 0x90;
        } else if (b == 0xF4) {
            high = 0x8F;
        }
        return true;
    }
}
