package dev.tutti.hub;

/** Measures strings in UTF-8 without encoding them. Stateless. */
public final class Utf8Length {
    private Utf8Length() {}

    /** Returns the bytes of a text in UTF-8; the text has no lone surrogates. */
    public static int of(String text) {
        int bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2; // a pair of surrogates: 4 for 2 units
            }
        }
        return bytes;
    }
}
