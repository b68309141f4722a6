package dev.tutti.hub;

import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * The shards of one room: one for up to {@link #FIRST_SHARD_CLIENTS} clients, more for a larger room, so that several threads deliver to
 * it at once. Guarded by the room, except {@link #wake} and {@link #run}.
 *
 * <p>Events are posted under the room's monitor, so that all shards get them in one order. A shard whose mailbox was idle is scheduled
 * after the monitor is released: {@link #takeIdle} inside, then {@link #wake} or {@link #run} outside.
 */
final class Shards {
    /** Clients in the first shard before there is a second: to wake another thread takes longer than to send to so few. */
    static final int FIRST_SHARD_CLIENTS = 64;

    /** Clients of a room for which the receiving thread may deliver itself: to wake another thread takes longer. */
    static final int MAX_INLINE_CLIENTS = 8;

    /** UTF-16 units of a publication that the receiving thread may deliver itself. */
    private static final int MAX_INLINE_LENGTH = 4 * 1024;

    /** Publications that follow each other faster wake a thread, whose run delivers them together. */
    static final long MIN_INLINE_GAP_NANOS = 1_000_000;

    /** A room stays busy for so long after a run with several publications: bursts come in rounds. */
    static final long BUSY_NANOS = 250_000_000;

    /** The largest number of shards: each has a bit. */
    static final int MAX = Long.SIZE;

    private final int max;
    private final IntFunction<RoomShard> factory;
    /** Replaced by a longer copy, never written to; an index always means the same shard. */
    private volatile RoomShard[] all;
    /** A bit for each shard that has to be scheduled. */
    private long idle;

    /** The time of the last publication, at first that of the first shard. */
    private long publishedNanos;
    /** The time of the last publication after a run with several. */
    private long busyNanos;

    /**
     * Makes one shard.
     *
     * @param max from 1 to {@link #MAX}
     * @param nowNanos of the room's clock
     * @param factory makes an empty shard with an index
     */
    Shards(int max, long nowNanos, IntFunction<RoomShard> factory) {
        this.max = max;
        this.publishedNanos = nowNanos;
        this.busyNanos = nowNanos - BUSY_NANOS;
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

    /** Returns the shards that the caller must {@link #wake} or {@link #run} after it has released the room's monitor. */
    long takeIdle() {
        long taken = idle;
        idle = 0;
        return taken;
    }

    /** Notes a publication. Returns whether the room is so small and quiet that its caller may {@link #run} it. */
    boolean notePublished(int length, long nowNanos) {
        boolean isAlone = nowNanos - publishedNanos >= MIN_INLINE_GAP_NANOS;
        publishedNanos = nowNanos;
        if (all[0].isBusy()) {
            busyNanos = nowNanos;
        }
        return isAlone
                && nowNanos - busyNanos >= BUSY_NANOS
                && length <= MAX_INLINE_LENGTH
                && all.length == 1
                && all[0].clients <= MAX_INLINE_CLIENTS;
    }

    /** Runs the only shard here and now if it has to be scheduled. Any thread, without the room's monitor. */
    void run(long taken) {
        if (taken != 0) {
            all[0].mailbox().run();
        }
    }

    /** Schedules shards. Any thread, without the room's monitor. */
    void wake(long taken) {
        RoomShard[] shards = all;
        for (long left = taken; left != 0; left &= left - 1) {
            shards[Long.numberOfTrailingZeros(left)].mailbox().schedule();
        }
    }
}
