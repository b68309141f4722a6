package dev.tutti.standalone.guard;

import dev.tutti.hub.CloseCode;

/**
 * A violation of the WebSocket protocol or of a limit on frames, with the close frame that the client gets. Immutable.
 *
 * <p>Source: RFC 6455 section 7.4.1 for the codes.
 */
enum FrameViolation {
    RESERVED_BITS(CloseCode.PROTOCOL_ERROR, "reserved bits without an extension"),
    RESERVED_OPCODE(CloseCode.PROTOCOL_ERROR, "unknown opcode"),
    UNMASKED(CloseCode.PROTOCOL_ERROR, "unmasked frame"),
    FRAGMENTED_CONTROL(CloseCode.PROTOCOL_ERROR, "fragmented control frame"),
    OVERSIZED_CONTROL(CloseCode.PROTOCOL_ERROR, "control frame over 125 bytes"),
    UNEXPECTED_CONTINUATION(CloseCode.PROTOCOL_ERROR, "continuation frame without a message"),
    EXPECTED_CONTINUATION(CloseCode.PROTOCOL_ERROR, "new message inside a fragmented message"),
    NON_MINIMAL_LENGTH(CloseCode.PROTOCOL_ERROR, "length in more bytes than necessary"),
    LENGTH_OVER_63_BITS(CloseCode.PROTOCOL_ERROR, "length over 63 bits"),
    TRUNCATED_CLOSE_CODE(CloseCode.PROTOCOL_ERROR, "close frame of one byte"),
    INVALID_CLOSE_CODE(CloseCode.PROTOCOL_ERROR, "invalid close code"),
    INVALID_CLOSE_REASON(CloseCode.PROTOCOL_ERROR, "close reason is not UTF-8"),
    INVALID_UTF8(CloseCode.MALFORMED, "text message is not UTF-8"),
    MESSAGE_TOO_LARGE(CloseCode.TOO_LARGE, "message over the size limit"),
    FRAGMENT_FLOOD(CloseCode.POLICY, "too many tiny fragments in one message"),
    CONTROL_FLOOD(CloseCode.POLICY, "too many pings or pongs a second");

    private final CloseCode code;
    private final String reason;

    FrameViolation(CloseCode code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    CloseCode code() {
        return code;
    }

    /** Returns the reason in the close frame. */
    String reason() {
        return reason;
    }
}
