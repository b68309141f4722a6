package dev.tutti.yjs;

/**
 * How much may be known of who is there. Immutable.
 *
 * @param maxClients how many awareness ids; those that have left included where they are remembered
 * @param maxBytes of all states, in UTF-8
 */
public record AwarenessLimits(int maxClients, long maxBytes) {
    /** Returns whether so much is within the limits. */
    public boolean admit(int clients, long bytes) {
        return clients <= maxClients && bytes <= maxBytes;
    }
}
