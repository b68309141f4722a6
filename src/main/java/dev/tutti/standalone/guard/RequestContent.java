package dev.tutti.standalone.guard;

import org.glassfish.grizzly.Buffer;

/**
 * Finds the end of a request's content, by its length or its chunks (RFC 9112 sections 6.2 and 7.1). Confined to the connection's selector
 * thread.
 */
final class RequestContent {
    private static final int MAX_SIZE_DIGITS = 8;

    /** Limit for all trailer fields of a request together. */
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
    /** Bytes missing of the content, or of the current chunk. */
    private long missing;

    private int sizeDigits;
    private long total;
    private int trailerBytes;

    private RequestContent(Part part, long missing) {
        this.part = part;
        this.missing = missing;
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

    /** Reads from {@code at} on. Returns the index after the content, or the buffer's limit if more content follows. */
    int read(Buffer bytes, int at) throws HttpErrorException {
        int i = at;
        int limit = bytes.limit();
        while (i < limit && part != Part.ENDED) {
            if (part == Part.DATA_OF_LENGTH || part == Part.CHUNK_DATA) {
                int step = (int) Math.min(missing, limit - i);
                i += step;
                missing -= step;
                if (missing == 0) {
                    part = part == Part.CHUNK_DATA ? Part.CHUNK_DATA_CR : Part.ENDED;
                }
            } else {
                part = next(bytes.get(i++));
            }
        }
        return i;
    }

    private Part next(byte b) throws HttpErrorException {
        return switch (part) {
            case CHUNK_SIZE -> chunkSize(b);
            case CHUNK_SIZE_LF -> {
                sizeDigits = 0;
                yield expect('\n', b, missing == 0 ? Part.TRAILER_START : Part.CHUNK_DATA);
            }
            case CHUNK_DATA_CR -> expect('\r', b, Part.CHUNK_DATA_LF);
            case CHUNK_DATA_LF -> expect('\n', b, Part.CHUNK_SIZE);
            case TRAILER_START -> b == '\r' ? Part.LAST_LF : trailer(b);
            case TRAILER -> b == '\r' ? Part.TRAILER_LF : trailer(b);
            case TRAILER_LF -> expect('\n', b, Part.TRAILER_START);
            case LAST_LF -> expect('\n', b, Part.ENDED);
            case DATA_OF_LENGTH, CHUNK_DATA, ENDED ->
                throw new IllegalStateException("no byte is read one by one in " + part);
        };
    }

    private Part chunkSize(byte b) throws HttpErrorException {
        int digit = b < 0 ? -1 : Character.digit(b, 16);
        if (digit >= 0 && sizeDigits < MAX_SIZE_DIGITS) {
            sizeDigits++;
            missing = missing << 4 | digit;
            return Part.CHUNK_SIZE;
        }
        if (b == ';') {
            throw HttpErrorException.badRequest("chunk extensions are not supported"); // Grizzly does not parse them
        }
        if (sizeDigits == 0 || b != '\r') {
            throw HttpErrorException.badRequest("invalid chunk size");
        }
        total += missing;
        if (total > RequestRules.MAX_CONTENT_BYTES) {
            throw new HttpErrorException(413, "content over " + RequestRules.MAX_CONTENT_BYTES + " bytes");
        }
        return Part.CHUNK_SIZE_LF;
    }

    private Part trailer(byte b) throws HttpErrorException {
        if ((b >= 0 && b < ' ' && b != '\t') || b == 0x7F) {
            throw HttpErrorException.badRequest("control character in a trailer");
        }
        if (++trailerBytes > MAX_TRAILER_BYTES) {
            throw new HttpErrorException(431, "trailers over " + MAX_TRAILER_BYTES + " bytes");
        }
        return Part.TRAILER;
    }

    private static Part expect(char expected, byte b, Part next) throws HttpErrorException {
        if (b != expected) {
            throw HttpErrorException.badRequest("CRLF missing after a chunk's size or data");
        }
        return next;
    }
}
