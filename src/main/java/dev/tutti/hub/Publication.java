package dev.tutti.hub;

/**
 * What one client says to a room. Immutable.
 *
 * @param data the message as JSON text, in one line of well-formed Unicode
 */
public record Publication(String data) {}
