package dev.tutti.yjs;

/**
 * What may wait in one document for structs that have not come. Something waits only for as long as a client's updates overtake
 * each other, so little is enough; without a limit, a peer could fill the memory with what nobody will ever read.
 *
 * @param maxParkedBytes of structs, as they are stored
 * @param maxParkedEntries structs and ranges of deletes
 */
public record DocumentLimits(long maxParkedBytes, int maxParkedEntries) {
    /** One megabyte and 10,000 entries: a client that was offline for hours, minus its first update. */
    public static final DocumentLimits DEFAULT = new DocumentLimits(1 << 20, 10_000);

    static final DocumentLimits NONE = new DocumentLimits(Long.MAX_VALUE, Integer.MAX_VALUE);
}
