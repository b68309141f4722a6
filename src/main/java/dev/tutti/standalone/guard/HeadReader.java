package dev.tutti.standalone.guard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;

/**
 * Collects a request head byte by byte, and rejects it at the first byte over a limit or outside the permitted characters. Confined to
 * the connection's selector thread.
 *
 * <p>Only CRLF ends a line: parsers that disagree about line ends permit request smuggling (RFC 9112 sections 2.2 and 11.2).
 */
public final class HeadReader {
    public static final int MAX_HEAD_BYTES = 16 * 1024;
    static final int MAX_TARGET_BYTES = 8 * 1024;
    static final int MAX_FIELDS = 100;

    private static final int INITIAL_BYTES = 512;

    private byte[] bytes = new byte[INITIAL_BYTES];
    private int length;
    /** Bytes received, including dropped empty lines before the request (RFC 9112 section 2.2). */
    private int receivedBytes;

    private int lines;
    private int lineBytes;
    /** Spaces in the request line so far; the target is between the first and the second. */
    private int spaces;

    private int targetBytes;
    private boolean carriageReturn;

    /** Returns whether no byte has arrived. */
    boolean isEmpty() {
        return receivedBytes == 0;
    }

    /** Returns the memory of the head so far. */
    int memoryBytes() {
        return bytes.length;
    }

    /** Adds the next byte. Returns whether the head is complete. */
    boolean accept(byte b) throws HttpErrorException {
        if (++receivedBytes > MAX_HEAD_BYTES) {
            throw tooLarge();
        }
        if (carriageReturn) {
            if (b != '\n') {
                throw HttpErrorException.badRequest("carriage return without line feed");
            }
            carriageReturn = false;
            return endLine();
        }
        if (b == '\r') {
            carriageReturn = true;
        } else if (b == '\n') {
            throw HttpErrorException.badRequest("line feed without carriage return");
        } else if ((b >= 0 && b < ' ' && b != '\t') || b == 0x7F) {
            throw HttpErrorException.badRequest("control character in the head");
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

    /** Returns the complete head in ISO 8859-1, without its final empty line. */
    String text() {
        return new String(bytes, 0, length - 4, ISO_8859_1);
    }

    private boolean endLine() throws HttpErrorException {
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

    private void countTarget(byte b) throws HttpErrorException {
        if (b == ' ') {
            spaces++;
        } else if (spaces == 1 && ++targetBytes > MAX_TARGET_BYTES) {
            throw new HttpErrorException(414, "request target over " + MAX_TARGET_BYTES + " bytes");
        } else if (spaces == 0 && lineBytes > RequestHead.MAX_METHOD_BYTES) {
            throw new HttpErrorException(501, "unknown method");
        }
    }

    private void append(byte b) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * length);
        }
        bytes[length++] = b;
    }

    private static HttpErrorException tooLarge() {
        return new HttpErrorException(
                431, "request head over " + MAX_FIELDS + " fields or " + MAX_HEAD_BYTES + " bytes");
    }
}
