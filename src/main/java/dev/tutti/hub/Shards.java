package dev.tutti.hub;

import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * The shards of one room: one for up to {@link #FIRST_SHARD_CLIENTS} clients, more for a larger room, so that several threads deliver to
 * it at once. Guarded by the room, except {@link #wake}.
 *
 * <p>Events are posted under the room's monitor, so that all shards get them in one order. A shard whose mailbox was idle is scheduled
 * after the monitor is released: {@link #takeIdle} inside, then {@link #wake} outside.
 */
final class Shards {
    /** Clients in the first shard before there is a second: to wake another thread takes longer than to send to so few. */
    static final int FIRST_SHARD_CLIENTS = 64;

    /** The largest number of shards: each has a bit. */
    static final int MAX = Long.SIZE;

    private final int max;
    private final IntFunction<RoomShard> factory;
    /** Replaced by a longer copy, never written to; an index always means the same shard. */
    private volatile RoomShard[] all;
    /** A bit for each shard that has to be scheduled. */
    private long idle;

    /**
     * Makes one shard.
     *
     * @param max from 1 to {@link #MAX}
     * @param factory makes an empty shard with an index
     */
    Shards(int max, IntFunction<RoomShard> factory) {
        this.max = max;
        this.factory = factory;
        this.all = new RoomShard[] {factory.apply(0)};
    }

    /**
     * Returns the largest number of shards of a room that some threads serve: one for a single thread, else two for each, so that a thread takes over
     * shards of another one that waits for a processor.
     */
    static int max(int threads) {
        return threads == 1 ? 1 : Math.min(2 * threads, MAX);
    }

    /** Returns the shard with the fewest clients, for the next one; the shards of a large room have about the same size. */
    RoomShard freest() {
        RoomShard[] shards = all;
        RoomShard freest = shards[0];
        for (RoomShard shard : shards) {
            freest = shard.clients < freest.clients ? shard : freest;
        }
        if (freest.clients >= FIRST_SHARD_CLIENTS && shards.length < max) {
            freest = factory.apply(shards.length);
            RoomShard[] more = Arrays.copyOf(shards, shards.length + 1);
            more[shards.length] = freest;
            all = more;
        }
        return freest;
    }

    /** @throws LimitException if a mailbox, by its own limit or by the budget, has no room for an event of {@code bytes} */
    void requireRoom(int bytes) {
        for (RoomShard shard : all) {
            if (!shard.mailbox().hasRoom(bytes)) {
                throw new LimitException(LimitBreach.ROOM_QUEUE);
            }
            if (!shard.mailbox().hasMemory(bytes)) {
                throw new LimitException(LimitBreach.MEMORY);
            }
        }
    }

    /** Posts an event to all shards. */
    void post(ShardEvent event) {
        for (RoomShard shard : all) {
            post(shard, event);
        }
    }

    /** Posts an event to one shard. */
    void post(RoomShard shard, ShardEvent event) {
        if (shard.mailbox().add(event)) {
            idle |= 1L << shard.index();
        }
    }

    /** Returns the shards that the caller must {@link #wake} after it has released the room's monitor. */
    long takeIdle() {
        long taken = idle;
        idle = 0;
        return taken;
    }

    /** Schedules shards. Any thread, without the room's monitor. */
    void wake(long taken) {
        RoomShard[] shards = all;
        for (long left = taken; left != 0; left &= left - 1) {
            shards[Long.numberOfTrailingZeros(left)].mailbox().schedule();
        }
    }
}
