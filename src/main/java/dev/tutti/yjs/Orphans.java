package dev.tutti.yjs;

import dev.tutti.yjs.lib0.Lib0Reader;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds what hangs on deleted types: structs whose place nobody needs to know any more, so that they can become {@link Kind#GC}.
 * Nobody sees them, and a delete of the type they are in, or of one above that, goes with every update that they are in.
 *
 * <p>A struct is an orphan if its parent is deleted, or if a neighbour that it was inserted next to is GC. That is the very rule by
 * which Yjs makes GC of a struct when it reads it, so a reader ends up with the same document, whether it was done before or not.
 *
 * <p>Neighbours and parents come first, as when Yjs reads an update: a client's structs are decided in the order of their clocks,
 * and one that waits for another client's sends us there. Confined to one call.
 */
final class Orphans {
    /** The way through one client's structs. */
    private static final class Walk {
        private final ClientStructs structs;
        private final StructCursor cursor;
        private final ClockRanges orphans = new ClockRanges();
        /** The orphans, and what was GC before. */
        private final ClockRanges gone = new ClockRanges();
        /** What was deleted before; null until it is asked for. */
        private @Nullable ClockRanges deleted;
        /** The first that is not decided; null at the end. */
        private @Nullable Struct next;
        /** Where somebody waits who is further down the stack; nobody waits for one that is on it, except in a lie. */
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
                gone.add(struct.clock, struct.end());
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

    /** Returns whether what is at a clock has to be decided before, and goes there. */
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
                && (isGone(struct.originClient, struct.originClock)
                        || isGone(struct.rightClient, struct.rightClock)
                        || isDeleted(struct.parentClient, struct.parentClock));
    }

    private boolean isGone(long client, int clock) {
        Walk walk = walks.get(client);
        return walk != null && walk.gone.contains(clock);
    }

    private boolean isDeleted(long client, int clock) {
        Walk walk = walks.get(client);
        return walk != null && walk.isDeleted(clock);
    }
}
