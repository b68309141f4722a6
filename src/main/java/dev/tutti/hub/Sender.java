package dev.tutti.hub;

/**
 * The publisher of a message. Immutable.
 *
 * @param client id of the connection; another one after a reconnect
 * @param user of the connection, who may have several
 */
public record Sender(String client, String user) {}
