package dev.tutti.standalone.guard;

import java.nio.ByteBuffer;

/**
 * Validates UTF-8 in pieces that may split characters. Table 3-7 of the Unicode standard lists the well-formed sequences: no overlong forms, no
 * surrogates, nothing above U+10FFFF. Confined to one thread.
 */
final class Utf8Validator {
    private static final int FIRST_CONTINUATION = 0x80;
    private static final int LAST_CONTINUATION = 0xBF;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    /** Bytes missing of the current character. */
    private int missing;
    /** Lower bound of the next continuation byte. */
    private int low = FIRST_CONTINUATION;

    /** Upper bound of the next continuation byte. */
    private int high = LAST_CONTINUATION;

    /** Returns whether the input so far ends with a whole character. */
    boolean isWhole() {
        return missing == 0;
    }

    /**
     * Checks masked bytes of a buffer in big-endian order, eight ASCII characters at a time.
     *
     * @param mask its first byte belongs to the byte at {@code from}
     * @return false if they are malformed; then this is of no further use
     */
    boolean accept(ByteBuffer bytes, int from, int to, int mask) {
        int i = from;
        while (i < to) {
            if (isWhole()) {
                long masks = Integer.toUnsignedLong(Integer.rotateLeft(mask, 8 * ((i - from) & 3)));
                masks |= masks << 32;
                while (i + 8 <= to && ((bytes.getLong(i) ^ masks) & HIGH_BITS) == 0) {
                    i += 8;
                }
            }
            for (int stop = Math.min(to, i + 8); i < stop; i++) {
                if (!accept((bytes.get(i) ^ (mask >>> (24 - 8 * ((i - from) & 3)))) & 0xFF)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Checks the next byte, 0 to 255. Returns false if it is malformed; then this is of no further use. */
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
