package dev.tutti.yjs;

import java.util.HashMap;
import java.util.Map;

/**
 * Finds what hangs on deleted types: structs whose place nobody needs to know any more, so that they can become {@link Kind#GC}.
 * Nobody sees them, and a delete of the type they are in, or of one above that, goes with every update that they are in.
 *
 * <p>A struct is an orphan if its parent is deleted, or if a neighbour that it was inserted next to is GC. That is the very rule by
 * which Yjs makes GC of a struct when it reads it, so a reader ends up with the same document, whether it was done before or not.
 * Confined to one call.
 */
final class Orphans {
    /** Each pass follows the neighbours to one more client; what is left then is found the next time, or does no harm. */
    private static final int MAX_PASSES = 16;

    private final Map<Long, ClientStructs> clients;
    /** All GC, and all orphans of the passes before. */
    private final Map<Long, ClockRanges> gone = new HashMap<>();
    /** Orphans of this pass, which come in order. */
    private Map<Long, ClockRanges> found = new HashMap<>();

    Orphans(Map<Long, ClientStructs> clients) {
        this.clients = clients;
    }

    /** Returns the orphans, by client and in order. */
    Map<Long, ClockRanges> find() {
        Map<Long, ClockRanges> orphans = new HashMap<>();
        visit(struct -> {
            if (struct.kind == Kind.GC) {
                add(struct, gone);
            }
        });
        int pass = 0;
        do {
            found = new HashMap<>();
            visit(struct -> {
                if (struct.kind.isItem() && !isGone(struct.client, struct.clock) && isOrphan(struct)) {
                    add(struct, found);
                }
            });
            addAll(found, gone);
            addAll(found, orphans);
            pass++;
        } while (!found.isEmpty() && pass < MAX_PASSES);
        return orphans;
    }

    private void visit(ClientStructs.Visitor visitor) {
        clients.values().forEach(structs -> structs.visit(0, structs.end(), visitor));
    }

    private boolean isOrphan(Struct struct) {
        return isGone(struct.originClient, struct.originClock)
                || isGone(struct.rightClient, struct.rightClock)
                || isDeleted(struct.parentClient, struct.parentClock);
    }

    private boolean isGone(long client, int clock) {
        return contains(gone, client, clock) || contains(found, client, clock);
    }

    private static boolean contains(Map<Long, ClockRanges> ranges, long client, int clock) {
        ClockRanges ofClient = ranges.get(client);
        return ofClient != null && ofClient.contains(clock);
    }

    private boolean isDeleted(long client, int clock) {
        ClientStructs structs = clients.get(client);
        return structs != null && structs.kindAt(clock).isDeleted();
    }

    private static void add(Struct struct, Map<Long, ClockRanges> to) {
        to.computeIfAbsent(struct.client, client -> new ClockRanges()).add(struct.clock, struct.end());
    }

    private static void addAll(Map<Long, ClockRanges> ranges, Map<Long, ClockRanges> to) {
        ranges.forEach((client, clocks) -> {
            ClockRanges all = to.computeIfAbsent(client, absent -> new ClockRanges());
            all.addAll(clocks);
            all.normalize();
        });
    }
}
