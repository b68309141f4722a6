package dev.tutti.yjs;

/**
 * What may be known of who is there, in one document.
 *
 * @param maxClients those included that are remembered to have left
 * @param maxBytes of all states, in UTF-8
 */
public record AwarenessLimits(int maxClients, long maxBytes) {
    /** Ten thousand clients with a hundred bytes each. */
    public static final AwarenessLimits DEFAULT = new AwarenessLimits(10_000, 1 << 20);
}
