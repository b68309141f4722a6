package dev.tutti.protocol.tuttiv1;

import dev.tutti.hub.LimitBreach;
import dev.tutti.security.UnauthenticatedException;
import java.util.Locale;

/** Why the server refused a request of {@code tutti.v1} (docs/protocol.md, "Errors"). Immutable. */
public enum ErrorCode {
    BAD_REQUEST,
    UNKNOWN_TYPE,
    INVALID_ROOM,
    NOT_JOINED,
    UNAUTHENTICATED,
    FORBIDDEN,
    LIMIT_EXCEEDED,
    TOO_LARGE,
    RATE_LIMITED,
    UNAVAILABLE,
    INTERNAL;

    /** Returns the code of a limit. */
    static ErrorCode of(LimitBreach breach) {
        return breach == LimitBreach.STATE_BYTES ? TOO_LARGE : LIMIT_EXCEEDED;
    }

    /** Returns the code of a refused token. */
    static ErrorCode of(UnauthenticatedException refusal) {
        if (refusal.isTooMany()) {
            return RATE_LIMITED;
        }
        return refusal.isTemporary() ? UNAVAILABLE : UNAUTHENTICATED;
    }

    /** Returns the word on the wire. */
    String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns whether the request counts as faulty: ten such requests in a row close the connection. */
    boolean isClientsFault() {
        return this == BAD_REQUEST || this == UNKNOWN_TYPE || this == TOO_LARGE || this == RATE_LIMITED;
    }
}
