package dev.tutti.protocol.ysync;

/** The receiving side of a client's connection that carries documents. Safe for any thread, but for one message at a time. */
public interface DocumentConnection {
    /** Takes a whole message. A message that is malformed or exceeds a limit closes the client. */
    void receive(byte[] message);

    /** Notes that the client closes its connection cleanly, so its awareness states end at once and not after a grace period. */
    void closedCleanly();
}
