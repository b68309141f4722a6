package dev.tutti.hub;

/**
 * The publisher of a message. Immutable.
 *
 * @param client id of the connection; another one after a reconnect
 * @param user of the connection; a user may have several connections
 */
public record Sender(String client, String user) {}
