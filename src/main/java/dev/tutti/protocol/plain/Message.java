package dev.tutti.protocol.plain;

import dev.tutti.hub.CloseCode;

/**
 * What a text frame of a plain client is: a text for everybody, or a fault. Immutable. A type of our own, because some containers ignore
 * codecs for {@code String}; a fault is a value, because containers differ in what they do about a decoder's exception.
 */
public sealed interface Message {
    /**
     * What somebody says to everybody.
     *
     * @param text any string, lone surrogates included; on the wire a JSON string (RFC 8259 section 7)
     */
    record Text(String text) implements Message {}

    /**
     * A frame that a client must not send.
     *
     * @param code to close its connection with
     * @param reason for people, at most {@link CloseCode#MAX_REASON_BYTES} of UTF-8
     */
    record Malformed(CloseCode code, String reason) implements Message {}
}
