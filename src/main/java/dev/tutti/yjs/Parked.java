package dev.tutti.yjs;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Predicate;

/**
 * The structs and deletes that wait in a document for missing structs, and the contributors that are charged for them. Confined to its
 * document.
 *
 * <p>An update with parked parts makes a <i>claim</i> for each client of theirs. The claim is released when no clock before its last is missing.
 */
final class Parked {
    /** Is charged for the parked parts of a stored document. */
    static final long NO_CONTRIBUTOR = 0;

    /** Memory of the objects and of their places in collections. */
    private static final long CLAIM_OVERHEAD_BYTES = 120;

    /** The parked parts of one update and one client. */
    static final class Claim {
        private final long contributor;
        private final long client;
        private final ClockRanges structs;
        private final ClockRanges deletes;
        private final int entries;
        private final long bytes;
        private final long sinceMillis;

        /** Takes structs and deletes in order; one of the two is not empty. */
        Claim(
                long contributor,
                long client,
                ClockRanges structs,
                ClockRanges deletes,
                int entries,
                long bytes,
                long sinceMillis) {
            this.contributor = contributor;
            this.client = client;
            this.structs = structs;
            this.deletes = deletes;
            this.entries = Math.max(1, entries);
            this.bytes = bytes;
            this.sinceMillis = sinceMillis;
        }

        long client() {
            return client;
        }

        ClockRanges structs() {
            return structs;
        }

        ClockRanges deletes() {
            return deletes;
        }

        /** Returns the clock at which the claim is released when no earlier one is missing. */
        int end() {
            return Math.max(end(structs), end(deletes));
        }

        private static int end(ClockRanges ranges) {
            return ranges.isEmpty() ? 0 : ranges.to(ranges.size() - 1);
        }

        long memoryBytes() {
            return CLAIM_OVERHEAD_BYTES + structs.memoryBytes() + deletes.memoryBytes();
        }
    }

    /** The sum of all claims, or of one contributor's. */
    private static final class Usage {
        private int entries;
        private long bytes;

        void add(Claim claim, int sign) {
            entries += sign * claim.entries;
            bytes += sign * claim.bytes;
        }

        boolean hasRoom(int moreEntries, long moreBytes, int maxEntries, long maxBytes) {
            return moreEntries <= maxEntries - entries && moreBytes <= maxBytes - bytes;
        }
    }

    private final DocumentLimits limits;
    private final Map<Long, PriorityQueue<Claim>> byClient = new HashMap<>();
    private final Map<Long, Usage> byContributor = new HashMap<>();
    private final Usage total = new Usage();
    private long memoryBytes;

    Parked(DocumentLimits limits) {
        this.limits = limits;
    }

    boolean isEmpty() {
        return byClient.isEmpty();
    }

    /** Returns about the bytes of memory that this takes. */
    long memoryBytes() {
        return memoryBytes;
    }

    /** Refuses more entries and bytes than the contributor has room for. */
    void expectRoom(long contributor, int entries, long bytes) throws LimitExceededException {
        Usage usage = byContributor.getOrDefault(contributor, new Usage());
        if (!usage.hasRoom(entries, bytes, limits.maxParkedEntries(), limits.maxParkedBytes())) {
            throw new LimitExceededException("too much waits for updates that have not come");
        }
    }

    void add(Claim claim) {
        byClient.computeIfAbsent(claim.client, client -> new PriorityQueue<>(1, Comparator.comparingInt(Claim::end)))
                .add(claim);
        byContributor
                .computeIfAbsent(claim.contributor, contributor -> new Usage())
                .add(claim, 1);
        total.add(claim, 1);
        memoryBytes += claim.memoryBytes();
    }

    /** Releases the claims of a client that end at a clock or before. */
    void release(long client, int known) {
        PriorityQueue<Claim> claims = byClient.get(client);
        if (claims == null) {
            return;
        }
        while (!claims.isEmpty() && claims.element().end() <= known) {
            forget(claims.remove());
        }
        if (claims.isEmpty()) {
            byClient.remove(client);
        }
    }

    private void forget(Claim claim) {
        Usage usage = byContributor.get(claim.contributor);
        if (usage == null) {
            throw new IllegalStateException("a claim without a contributor");
        }
        usage.add(claim, -1);
        if (usage.entries == 0) {
            byContributor.remove(claim.contributor);
        }
        total.add(claim, -1);
        memoryBytes -= claim.memoryBytes();
    }

    /** Removes and returns the claims from before a time. */
    List<Claim> takeOlderThan(long millis) {
        return takeIf(claim -> claim.sinceMillis < millis);
    }

    /**
     * Removes and returns all claims of the largest contributor, if all contributors together exceed the total.
     *
     * @return empty if they do not
     */
    List<Claim> takeExcess() {
        if (total.hasRoom(0, 0, limits.maxTotalParkedEntries(), limits.maxTotalParkedBytes())) {
            return List.of();
        }
        long most = byContributor.entrySet().stream()
                .max(Comparator.comparingDouble(entry -> share(entry.getValue())))
                .orElseThrow()
                .getKey();
        return takeIf(claim -> claim.contributor == most);
    }

    /** Returns the part of a contributor's limit that is used: 0 to 1. */
    private double share(Usage usage) {
        return Math.max(
                (double) usage.entries / limits.maxParkedEntries(), (double) usage.bytes / limits.maxParkedBytes());
    }

    private List<Claim> takeIf(Predicate<Claim> condition) {
        List<Claim> taken = new ArrayList<>();
        byClient.values().removeIf(claims -> {
            claims.removeIf(claim -> condition.test(claim) && taken.add(claim));
            return claims.isEmpty();
        });
        taken.forEach(this::forget);
        return taken;
    }
}
