package dev.tutti.standalone.guard;

/** The first byte of a WebSocket frame (RFC 6455 section 5.2): opcodes in its low half, flags in its high half. Stateless. */
final class Opcode {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;

    /** The first control opcode; data frames have lower ones. */
    static final int CLOSE = 8;

    static final int PING = 9;
    static final int PONG = 10;

    /** Flag: last frame of its message. */
    static final int FINAL = 0x80;

    /** Flags of extensions. */
    static final int RESERVED = 0x70;

    /** The longest payload of a control frame (RFC 6455 section 5.5). */
    static final int MAX_CONTROL_BYTES = 125;

    private Opcode() {}
}
