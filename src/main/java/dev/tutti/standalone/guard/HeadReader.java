package dev.tutti.standalone.guard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;

/**
 * A request's head while it arrives, refused as soon as it is too long or holds what no head may hold. Confined to the thread that
 * reads its connection.
 *
 * <p>Lines end in CRLF and nothing else: where two parties disagree about what ends a line, requests are smuggled (RFC 9112
 * sections 2.2 and 11.2).
 */
public final class HeadReader {
    public static final int MAX_HEAD_BYTES = 16 * 1024;
    static final int MAX_TARGET_BYTES = 8 * 1024;
    static final int MAX_FIELDS = 100;

    private static final int FIRST_BYTES = 512;

    private byte[] bytes = new byte[FIRST_BYTES];
    private int length;
    /** Also counts empty lines before the request, which are dropped (RFC 9112 section 2.2). */
    private int seen;

    private int lines;
    private int lineBytes;
    /** In the request line: how many spaces came so far, and the bytes between the first and the second. */
    private int spaces;

    private int targetBytes;
    private boolean carriageReturn;

    /** Returns whether nothing came yet. */
    boolean isEmpty() {
        return seen == 0;
    }

    /** Returns the memory that the head takes as far as it has come. */
    int memoryBytes() {
        return bytes.length;
    }

    /** Takes the next byte; returns whether it ends the head. */
    boolean accept(byte b) throws HttpRefusalException {
        if (++seen > MAX_HEAD_BYTES) {
            throw tooLarge();
        }
        if (carriageReturn) {
            if (b != '\n') {
                throw HttpRefusalException.bad("a carriage return without a line feed");
            }
            carriageReturn = false;
            return endLine();
        }
        if (b == '\r') {
            carriageReturn = true;
        } else if (b == '\n') {
            throw HttpRefusalException.bad("a line feed without a carriage return");
        } else if ((b >= 0 && b < ' ' && b != '\t') || b == 0x7F) {
            throw HttpRefusalException.bad("a control character in the head of a request");
        } else {
            lineBytes++;
            if (lines == 0) {
                countTarget(b);
            }
        }
        if (b != '\r' || lineBytes > 0 || lines > 0) {
            append(b);
        }
        return false;
    }

    /** Returns the head as it came, its bytes as characters, without the empty line that ends it. */
    String text() {
        return new String(bytes, 0, length - 4, ISO_8859_1);
    }

    private boolean endLine() throws HttpRefusalException {
        if (lineBytes == 0 && lines == 0) {
            return false; // an empty line before the request
        }
        append((byte) '\n');
        if (lineBytes == 0) {
            return true;
        }
        lineBytes = 0;
        if (++lines > MAX_FIELDS + 1) {
            throw tooLarge();
        }
        return false;
    }

    private void countTarget(byte b) throws HttpRefusalException {
        if (b == ' ') {
            spaces++;
        } else if (spaces == 1 && ++targetBytes > MAX_TARGET_BYTES) {
            throw new HttpRefusalException(414, "a request target has at most " + MAX_TARGET_BYTES + " bytes");
        } else if (spaces == 0 && lineBytes > RequestHead.MAX_METHOD_BYTES) {
            throw new HttpRefusalException(501, "there is no method of so long a name");
        }
    }

    private void append(byte b) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * length);
        }
        bytes[length++] = b;
    }

    private static HttpRefusalException tooLarge() {
        return new HttpRefusalException(
                431, "a request's head has at most " + MAX_FIELDS + " fields and " + MAX_HEAD_BYTES + " bytes");
    }
}
