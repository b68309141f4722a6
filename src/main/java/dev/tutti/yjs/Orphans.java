package dev.tutti.yjs;

import dev.tutti.yjs.lib0.Lib0Reader;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds orphans: structs in deleted types, whose positions no client needs, so that they can become {@link Kind#GC}. No user sees them, and
 * every update with an orphan also has the delete of its type, or of a type above.
 *
 * <p>A struct is an orphan if its parent is deleted, or if a neighbour that it was inserted next to is GC. Yjs applies the same rule when it
 * reads a struct, so a reader gets the same document either way.
 *
 * <p>Neighbours and parents are decided first, as when Yjs reads an update: each client's structs in the order of their clocks, and a struct that
 * depends on another client's after that. Confined to one call.
 */
final class Orphans {
    /** The progress through one client's structs. */
    private static final class Walk {
        private final ClientStructs structs;
        private final StructCursor cursor;
        private final ClockRanges orphans = new ClockRanges();
        /** The orphans, and structs that were GC before. */
        private final ClockRanges gc = new ClockRanges();
        /** The structs that were deleted before; null until the first {@link #isDeleted}. */
        private @Nullable ClockRanges deleted;
        /** The first struct that is not decided; null at the end. */
        private @Nullable Struct next;
        /** The clock for which a walk further down the stack waits. No walk waits for one on the stack, except in malicious cycles. */
        private int until;

        private boolean isOnStack;

        Walk(ClientStructs structs) {
            this.structs = structs;
            cursor = structs.read().seek(0, structs.end());
            next = cursor.next();
        }

        boolean isDeleted(int clock) {
            if (deleted == null) {
                deleted = new ClockRanges();
                structs.addDeleted(ClockRanges.of(0, structs.end()), deleted);
            }
            return deleted.contains(clock);
        }

        boolean hasDecided(int clock) {
            return next == null || next.clock > clock;
        }

        void decide(Struct struct, boolean isOrphan) {
            if (isOrphan) {
                orphans.add(struct.clock, struct.end());
            }
            if (isOrphan || struct.kind == Kind.GC) {
                gc.add(struct.clock, struct.end());
            }
            next = cursor.next();
        }
    }

    private final Map<Long, ClientStructs> clients;
    private final Map<Long, Walk> walks = new HashMap<>();
    private final Deque<Walk> stack = new ArrayDeque<>();

    private Orphans(Map<Long, ClientStructs> clients) {
        this.clients = clients;
    }

    /** Returns the orphans by client, in order. */
    static Map<Long, ClockRanges> in(Map<Long, ClientStructs> clients) {
        return new Orphans(clients).find();
    }

    private Map<Long, ClockRanges> find() {
        for (ClientStructs structs : clients.values()) {
            walks.put(structs.client(), new Walk(structs));
        }
        walks.values().forEach(walk -> walkUntil(walk, Lib0Reader.MAX_CLOCK));
        Map<Long, ClockRanges> orphans = new HashMap<>();
        walks.forEach((client, walk) -> {
            if (!walk.orphans.isEmpty()) {
                orphans.put(client, walk.orphans);
            }
        });
        return orphans;
    }

    private void walkUntil(Walk first, int until) {
        push(first, until);
        while (!stack.isEmpty()) {
            Walk walk = stack.element();
            Struct struct = walk.next;
            if (struct == null || walk.hasDecided(walk.until)) {
                stack.remove().isOnStack = false;
            } else if (!waits(struct.originClient, struct.originClock)
                    && !waits(struct.rightClient, struct.rightClock)
                    && !waits(struct.parentClient, struct.parentClock)) {
                walk.decide(struct, isOrphan(struct));
            }
        }
    }

    private void push(Walk walk, int until) {
        walk.until = until;
        walk.isOnStack = true;
        stack.push(walk);
    }

    /** Returns whether the struct at a clock must be decided first, and continues there. */
    private boolean waits(long client, int clock) {
        Walk walk = walks.get(client);
        if (walk == null || walk.isOnStack || walk.hasDecided(clock)) {
            return false;
        }
        push(walk, clock);
        return true;
    }

    private boolean isOrphan(Struct struct) {
        return struct.kind.isItem()
                && (isGc(struct.originClient, struct.originClock)
                        || isGc(struct.rightClient, struct.rightClock)
                        || isDeleted(struct.parentClient, struct.parentClock));
    }

    private boolean isGc(long client, int clock) {
        Walk walk = walks.get(client);
        return walk != null && walk.gc.contains(clock);
    }

    private boolean isDeleted(long client, int clock) {
        Walk walk = walks.get(client);
        return walk != null && walk.isDeleted(clock);
    }
}
