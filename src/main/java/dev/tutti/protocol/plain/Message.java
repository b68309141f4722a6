package dev.tutti.protocol.plain;

import dev.tutti.hub.CloseCode;

/**
 * A text frame of a plain client: a text, or a fault. Immutable. Not a {@code String}, because some containers ignore codecs for strings;
 * and a fault is a value, because containers differ in how they handle a decoder's exception.
 */
public sealed interface Message {
    /**
     * A text to publish.
     *
     * @param text any string, lone surrogates included; on the wire a JSON string (RFC 8259 section 7)
     */
    record Text(String text) implements Message {}

    /**
     * A frame that breaks the protocol.
     *
     * @param code to close its connection with
     * @param reason for people, at most {@link CloseCode#MAX_REASON_BYTES} of UTF-8
     */
    record Malformed(CloseCode code, String reason) implements Message {}
}
