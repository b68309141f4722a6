package dev.tutti.yjs;

/**
 * What may wait in one document for structs that have not come. Something waits only for as long as a client's updates overtake
 * each other, so little is enough; without a limit, a peer could fill the memory with what nobody will ever read.
 *
 * <p>A contributor that would go over its own limit is refused. If all together go over the total, what waits of the one with the most
 * is dropped: its owner, if it is honest, sends it again together with what is missing, and nobody else is refused.
 *
 * @param maxParkedBytes of structs, as they are stored, of one contributor
 * @param maxParkedEntries structs and ranges of deletes, of one contributor
 * @param maxTotalParkedBytes of all contributors
 * @param maxTotalParkedEntries of all contributors
 */
public record DocumentLimits(
        long maxParkedBytes, int maxParkedEntries, long maxTotalParkedBytes, int maxTotalParkedEntries) {
    /** One megabyte and 10,000 entries: a client that was offline for hours, minus its first update. Four of them. */
    public static final DocumentLimits DEFAULT = new DocumentLimits(1 << 20, 10_000, 4 << 20, 40_000);

    static final DocumentLimits NONE =
            new DocumentLimits(Long.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE);
}
