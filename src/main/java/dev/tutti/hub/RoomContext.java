package dev.tutti.hub;

import dev.tutti.event.Events;
import java.util.concurrent.Executor;

/**
 * The parts that the rooms of a hub share. Immutable.
 *
 * @param executor runs the shards
 * @param maxShards of each room, from 1 to {@link Shards#MAX}
 */
record RoomContext(
        Limits limits,
        Executor executor,
        int maxShards,
        TimeSource time,
        Budget budget,
        Metrics metrics,
        Events events) {

    /** Makes the first shard of a room, which makes the others by need. */
    Shards shards(Room room) {
        return new Shards(
                maxShards,
                time.nanos(),
                index -> new RoomShard(
                        room,
                        index,
                        metrics,
                        owner -> new Mailbox<>(
                                "room " + room.name(), owner, executor, time, budget, limits.maxRoomQueuedBytes())));
    }

    /** Returns the same for a room of one shard that no count includes, and whose events nobody receives. */
    RoomContext uncounted() {
        return new RoomContext(limits, executor, 1, time, budget, Metrics.NONE, new Events());
    }
}
