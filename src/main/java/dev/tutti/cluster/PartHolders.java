package dev.tutti.cluster;

import dev.tutti.hub.TimeSource;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The connection of each part, and the generations of its data on the nodes that it came from. A part that has moved keeps its data, and rooms keep their
 * epochs, if neither node can have lost a write: the connection to the next node was open when the earlier one still had the part, and the earlier one has
 * its generation still. Changed by {@link SlotNodes} under its monitor; safe for reads by any thread.
 */
final class PartHolders {
    /** A part that was not called for so long may have been on other nodes meanwhile. */
    private static final long MAX_QUIET_NANOS = 15_000_000_000L;

    /** Generations of one part: those of the last nodes. */
    private static final int MAX_GENERATIONS = 8;

    private static final String SEPARATOR = " ";

    /** @param generations of the node, and of those before it */
    private record Holder(Redis redis, String generations) {}

    private final TimeSource time;
    private final AtomicReferenceArray<@Nullable Holder> holders = new AtomicReferenceArray<>(Nodes.PARTS);
    /** By part: when the last call began that its connection has carried out. */
    private final AtomicLongArray calledNanos = new AtomicLongArray(Nodes.PARTS);

    PartHolders(TimeSource time) {
        this.time = time;
    }

    /** Returns the connection of a part; null while there is none. */
    @Nullable
    Redis of(int part) {
        Holder holder = holders.get(part);
        return holder == null ? null : holder.redis;
    }

    /** Returns the number of parts without a connection. */
    int missing() {
        int missing = 0;
        for (int part = 0; part < holders.length(); part++) {
            missing += holders.get(part) == null ? 1 : 0;
        }
        return missing;
    }

    /** As {@link Nodes#generations}. */
    String generations(int part, Redis at) {
        Holder holder = holders.get(part);
        return holder != null && holder.redis == at ? holder.generations : at.generation();
    }

    /** As {@link Nodes#calling}. */
    Runnable calling(int part, Redis at) {
        long beganNanos = time.nanos();
        return () -> {
            if (of(part) == at) {
                calledNanos.set(part, beganNanos);
            }
        };
    }

    /** Returns when the last call of a part began that its present connection has carried out. */
    long calledNanos(int part) {
        return calledNanos.get(part);
    }

    /** Returns whether that was not long ago. */
    boolean wasCalledLately(int part) {
        return time.nanos() - calledNanos.get(part) < MAX_QUIET_NANOS;
    }

    /**
     * Gives a part another connection, or none.
     *
     * @param keepsData whether the present connection cannot have lost a write, and the part has moved from there
     */
    void replace(int part, @Nullable Redis redis, boolean keepsData) {
        Holder before = holders.get(part);
        StringBuilder generations = new StringBuilder(redis == null ? "" : redis.generation());
        if (before != null && keepsData) {
            String[] earlier = before.generations.split(SEPARATOR, -1);
            for (int i = 0; i < Math.min(earlier.length, MAX_GENERATIONS - 1); i++) {
                generations.append(SEPARATOR).append(earlier[i]);
            }
        }
        holders.set(part, redis == null ? null : new Holder(redis, generations.toString()));
        calledNanos.set(part, time.nanos() - MAX_QUIET_NANOS);
    }
}
