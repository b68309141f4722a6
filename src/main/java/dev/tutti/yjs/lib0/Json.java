package dev.tutti.yjs.lib0;

/**
 * Checks that bytes are JSON (RFC 8259), without building values. Yjs passes such bytes to {@code JSON.parse}: with malformed ones, no client
 * could open the document again. Confined to one call.
 */
public final class Json {
    private static final int END = -1;

    private final byte[] bytes;
    private final int end;
    private int at;

    private Json(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.at = from;
        this.end = to;
    }

    /** Refuses anything but one JSON value; the bytes must be UTF-8. */
    public static void check(byte[] bytes, int from, int to) throws MalformedUpdateException {
        Json json = new Json(bytes, from, to);
        json.value(0);
        if (json.peek() != END) {
            throw malformed();
        }
    }

    /** Refuses anything but one JSON value in UTF-8; returns whether it is {@code null}. */
    public static boolean isNull(byte[] bytes) throws MalformedUpdateException {
        if (Utf8.units(bytes, 0, bytes.length) < 0) {
            throw malformed();
        }
        check(bytes, 0, bytes.length);
        return new Json(bytes, 0, bytes.length).peek() == 'n'; // no other value begins so
    }

    private static MalformedUpdateException malformed() {
        return new MalformedUpdateException("not JSON");
    }

    private void value(int depth) throws MalformedUpdateException {
        if (depth == Lib0Reader.MAX_DEPTH) {
            throw new MalformedUpdateException("values nest too deep");
        }
        switch (peek()) {
            case '{' -> members('}', depth);
            case '[' -> members(']', depth);
            case '"' -> string();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        }
    }

    /** Reads an object's members or an array's elements. */
    private void members(char close, int depth) throws MalformedUpdateException {
        at++;
        if (peek() == close) {
            at++;
            return;
        }
        while (true) {
            if (close == '}') {
                if (peek() != '"') {
                    throw malformed();
                }
                string();
                if (peek() != ':') {
                    throw malformed();
                }
                at++;
            }
            value(depth + 1);
            int next = peek();
            at++;
            if (next == close) {
                return;
            }
            if (next != ',') {
                throw malformed();
            }
        }
    }

    private void string() throws MalformedUpdateException {
        at++;
        while (true) {
            int b = next();
            if (b == '"') {
                return;
            }
            if (b == '\\') {
                escape();
            } else if (b < ' ') { // a control character, or the end
                throw malformed();
            }
        }
    }

    private void escape() throws MalformedUpdateException {
        int b = next();
        if (b == 'u') {
            for (int i = 0; i < 4; i++) {
                if (Character.digit(next(), 16) < 0) {
                    throw malformed();
                }
            }
        } else if ("\"\\/bfnrt".indexOf(b) < 0) {
            throw malformed();
        }
    }

    private void word(String word) throws MalformedUpdateException {
        for (int i = 0; i < word.length(); i++) {
            if (next() != word.charAt(i)) {
                throw malformed();
            }
        }
    }

    private void number() throws MalformedUpdateException {
        if (here() == '-') {
            at++;
        }
        if (here() == '0') {
            at++;
        } else {
            digits();
        }
        if (here() == '.') {
            at++;
            digits();
        }
        if (here() == 'e' || here() == 'E') {
            at++;
            if (here() == '+' || here() == '-') {
                at++;
            }
            digits();
        }
    }

    private void digits() throws MalformedUpdateException {
        int from = at;
        while (here() >= '0' && here() <= '9') {
            at++;
        }
        if (at == from) {
            throw malformed();
        }
    }

    /** Returns the byte after any white space, without reading it. */
    private int peek() {
        while (here() == ' ' || here() == '\t' || here() == '\n' || here() == '\r') {
            at++;
        }
        return here();
    }

    private int here() {
        return at < end ? bytes[at] & 0xFF : END;
    }

    private int next() {
        int b = here();
        at++;
        return b;
    }
}
