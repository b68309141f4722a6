package dev.tutti.standalone.guard;

import dev.tutti.hub.CloseCode;

/**
 * How a client broke the WebSocket protocol or a limit of ours, and the code it is closed with. Immutable.
 *
 * <p>Source: RFC 6455 section 7.4.1 for the codes.
 */
enum Violation {
    RESERVED_BITS(CloseCode.PROTOCOL_ERROR, "reserved bits are set, but no extension was agreed on"),
    RESERVED_OPCODE(CloseCode.PROTOCOL_ERROR, "a frame of an unknown opcode"),
    UNMASKED(CloseCode.PROTOCOL_ERROR, "a client's frames have to be masked"),
    FRAGMENTED_CONTROL(CloseCode.PROTOCOL_ERROR, "a control frame in fragments"),
    LONG_CONTROL(CloseCode.PROTOCOL_ERROR, "a control frame of more than 125 bytes"),
    CONTINUATION_OF_NOTHING(CloseCode.PROTOCOL_ERROR, "a continuation, but no message has begun"),
    MESSAGE_IN_MESSAGE(CloseCode.PROTOCOL_ERROR, "a new message inside a fragmented one"),
    LONGER_LENGTH_THAN_NEEDED(CloseCode.PROTOCOL_ERROR, "a length in more bytes than it takes"),
    IMPOSSIBLE_LENGTH(CloseCode.PROTOCOL_ERROR, "a length of 64 bits"),
    HALF_A_CLOSE_CODE(CloseCode.PROTOCOL_ERROR, "a close frame of one byte"),
    BAD_CLOSE_CODE(CloseCode.PROTOCOL_ERROR, "a close code that may not be sent"),
    BAD_CLOSE_REASON(CloseCode.PROTOCOL_ERROR, "a close reason that is not UTF-8"),
    NOT_UTF8(CloseCode.MALFORMED, "a text message that is not UTF-8"),
    TOO_LARGE(CloseCode.TOO_LARGE, "a message over the size limit"),
    FRAGMENT_FLOOD(CloseCode.POLICY, "too many tiny fragments in one message"),
    CONTROL_FLOOD(CloseCode.POLICY, "too many pings or pongs a second");

    private final CloseCode code;
    private final String reason;

    Violation(CloseCode code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    CloseCode code() {
        return code;
    }

    /** Returns what the client is told. */
    String reason() {
        return reason;
    }
}
