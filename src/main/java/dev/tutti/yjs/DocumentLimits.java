package dev.tutti.yjs;

/**
 * The limits of parked structs and deletes, which wait in a document for missing structs. Honest updates wait only while updates of a client
 * overtake each other, so low limits are enough; without limits, a peer could fill the memory with structs that no client can show. Immutable.
 *
 * <p>An update that would exceed its contributor's limit is refused. If all contributors together exceed the total, the largest contributor loses
 * its parked structs and deletes: an honest client sends them again together with the missing ones, and no other client is refused.
 *
 * @param maxParkedBytes of structs, as they are stored, of one contributor
 * @param maxParkedEntries structs and ranges of deletes, of one contributor
 * @param maxTotalParkedBytes of all contributors
 * @param maxTotalParkedEntries of all contributors
 */
public record DocumentLimits(
        long maxParkedBytes, int maxParkedEntries, long maxTotalParkedBytes, int maxTotalParkedEntries) {
    /** A contributor: 1 MiB and 10,000 entries, as of a client that was offline for hours and lacks its first update. Total: four of them. */
    public static final DocumentLimits DEFAULT = new DocumentLimits(1 << 20, 10_000, 4 << 20, 40_000);

    static final DocumentLimits NONE =
            new DocumentLimits(Long.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE);
}
