package dev.tutti.standalone.guard;

import org.glassfish.grizzly.Buffer;

/**
 * Where the content of a request ends, by its length or its chunks (RFC 9112 sections 6.2 and 7.1). Confined to the thread that
 * reads its connection.
 */
final class RequestContent {
    private static final int MAX_SIZE_DIGITS = 8;

    /** Bytes of all trailer fields of a request. */
    private static final int MAX_TRAILER_BYTES = 4 * 1024;

    private enum Part {
        DATA_OF_LENGTH,
        CHUNK_SIZE,
        CHUNK_SIZE_LF,
        CHUNK_DATA,
        CHUNK_DATA_CR,
        CHUNK_DATA_LF,
        TRAILER_START,
        TRAILER,
        TRAILER_LF,
        LAST_LF,
        ENDED
    }

    private Part part;
    /** What is left of the content, or of this chunk. */
    private long left;

    private int sizeDigits;
    private long total;
    private int trailerBytes;

    private RequestContent(Part part, long left) {
        this.part = part;
        this.left = left;
    }

    static RequestContent ofLength(long bytes) {
        return new RequestContent(bytes == 0 ? Part.ENDED : Part.DATA_OF_LENGTH, bytes);
    }

    static RequestContent chunked() {
        return new RequestContent(Part.CHUNK_SIZE, 0);
    }

    boolean hasEnded() {
        return part == Part.ENDED;
    }

    /** Reads on from {@code at}; returns where the content ends, or where there is nothing more yet. */
    int read(Buffer bytes, int at) throws HttpRefusalException {
        int i = at;
        int limit = bytes.limit();
        while (i < limit && part != Part.ENDED) {
            if (part == Part.DATA_OF_LENGTH || part == Part.CHUNK_DATA) {
                int step = (int) Math.min(left, limit - i);
                i += step;
                left -= step;
                if (left == 0) {
                    part = part == Part.CHUNK_DATA ? Part.CHUNK_DATA_CR : Part.ENDED;
                }
            } else {
                part = next(bytes.get(i++));
            }
        }
        return i;
    }

    private Part next(byte b) throws HttpRefusalException {
        return switch (part) {
            case CHUNK_SIZE -> chunkSize(b);
            case CHUNK_SIZE_LF -> {
                sizeDigits = 0;
                yield after('\n', b, left == 0 ? Part.TRAILER_START : Part.CHUNK_DATA);
            }
            case CHUNK_DATA_CR -> after('\r', b, Part.CHUNK_DATA_LF);
            case CHUNK_DATA_LF -> after('\n', b, Part.CHUNK_SIZE);
            case TRAILER_START -> b == '\r' ? Part.LAST_LF : trailer(b);
            case TRAILER -> b == '\r' ? Part.TRAILER_LF : trailer(b);
            case TRAILER_LF -> after('\n', b, Part.TRAILER_START);
            case LAST_LF -> after('\n', b, Part.ENDED);
            case DATA_OF_LENGTH, CHUNK_DATA, ENDED ->
                throw new IllegalStateException("no byte is read one by one in " + part);
        };
    }

    private Part chunkSize(byte b) throws HttpRefusalException {
        int digit = b < 0 ? -1 : Character.digit(b, 16);
        if (digit >= 0 && sizeDigits < MAX_SIZE_DIGITS) {
            sizeDigits++;
            left = left << 4 | digit;
            return Part.CHUNK_SIZE;
        }
        if (b == ';') {
            throw HttpRefusalException.bad("chunk extensions are not understood here"); // nor by Grizzly
        }
        if (sizeDigits == 0 || b != '\r') {
            throw HttpRefusalException.bad("a chunk starts with its size in hexadecimal digits");
        }
        total += left;
        if (total > RequestRules.MAX_CONTENT_BYTES) {
            throw new HttpRefusalException(
                    413, "a request's content has at most " + RequestRules.MAX_CONTENT_BYTES + " bytes");
        }
        return Part.CHUNK_SIZE_LF;
    }

    private Part trailer(byte b) throws HttpRefusalException {
        if ((b >= 0 && b < ' ' && b != '\t') || b == 0x7F) {
            throw HttpRefusalException.bad("a control character in a trailer");
        }
        if (++trailerBytes > MAX_TRAILER_BYTES) {
            throw new HttpRefusalException(431, "a request's trailers have at most " + MAX_TRAILER_BYTES + " bytes");
        }
        return Part.TRAILER;
    }

    private static Part after(char wanted, byte b, Part next) throws HttpRefusalException {
        if (b != wanted) {
            throw HttpRefusalException.bad("a chunk's size and data end in CRLF");
        }
        return next;
    }
}
