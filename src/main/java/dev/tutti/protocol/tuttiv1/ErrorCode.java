package dev.tutti.protocol.tuttiv1;

import dev.tutti.hub.LimitBreach;
import java.util.Locale;

/** Why a request of {@code tutti.v1} was refused (docs/protocol.md, "Errors"). Immutable. */
public enum ErrorCode {
    BAD_REQUEST,
    UNKNOWN_TYPE,
    INVALID_ROOM,
    NOT_JOINED,
    FORBIDDEN,
    LIMIT_EXCEEDED,
    TOO_LARGE,
    RATE_LIMITED,
    INTERNAL;

    /** Returns what a limit is called. */
    static ErrorCode of(LimitBreach breach) {
        return breach == LimitBreach.STATE_BYTES ? TOO_LARGE : LIMIT_EXCEEDED;
    }

    /** Returns the word on the wire. */
    String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns whether a client that goes on like this is faulty. */
    boolean isClientsFault() {
        return this == BAD_REQUEST || this == UNKNOWN_TYPE || this == TOO_LARGE || this == RATE_LIMITED;
    }
}
