package dev.tutti.standalone.guard;

import org.jspecify.annotations.Nullable;

/** Checks the payload of a close frame byte by byte: a code, then a reason in UTF-8 (RFC 6455 section 5.5.1). Confined to one thread. */
final class ClosePayload {
    private static final int CODE_BYTES = 2;

    private final Utf8Validator reason = new Utf8Validator();
    private int code;
    private int length;

    /** Checks the next byte, 0 to 255. Returns null if it is valid; the first violation is final. */
    @Nullable
    FrameViolation accept(int b) {
        if (length == CODE_BYTES) {
            return reason.accept(b) ? null : FrameViolation.INVALID_CLOSE_REASON;
        }
        code = (code << 8) | b;
        length++;
        return length < CODE_BYTES || isValid(code) ? null : FrameViolation.INVALID_CLOSE_CODE;
    }

    /** Checks the end of the payload. */
    @Nullable
    FrameViolation end() {
        return reason.isWhole() ? null : FrameViolation.INVALID_CLOSE_REASON;
    }

    /** Accepts the codes of RFC 6455 section 7.4 and of its IANA registry (1012 to 1014); 1004 to 1006 and 1015 must not be sent. */
    private static boolean isValid(int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }
}
