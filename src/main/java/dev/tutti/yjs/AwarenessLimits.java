package dev.tutti.yjs;

/**
 * Bounds of awareness states. Immutable.
 *
 * @param maxClients awareness ids, including removed ones where they are remembered
 * @param maxBytes of all states together, in UTF-8
 */
public record AwarenessLimits(int maxClients, long maxBytes) {
    /** Returns whether a number of clients and the bytes of their states are within the limits. */
    public boolean admit(int clients, long bytes) {
        return clients <= maxClients && bytes <= maxBytes;
    }
}
