package dev.tutti.hub;

/**
 * Who said something. Immutable.
 *
 * @param client one connection; another after it has reconnected
 * @param user who is behind it, with any number of connections
 */
public record Sender(String client, String user) {}
