package dev.tutti.endpoint;

/**
 * What somebody says to everybody. Immutable. A type of our own, because some containers ignore codecs for {@code String}.
 *
 * @param text any string, lone surrogates included; on the wire a JSON string (RFC 8259 section 7)
 */
public record Message(String text) {}
