package dev.tutti.hub;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The clients whose {@link ShardEvent.Leave} waits in a mailbox: one that joins again meanwhile is added to the same shard, behind it. Guarded by
 * its room.
 */
final class PendingLeaves {
    /** How many leaves of a client wait in the mailbox of a shard. */
    private record Pending(RoomShard shard, int count) {}

    private final Map<Client, Pending> pending = new HashMap<>(2);

    /** Returns the shard in whose mailbox leaves of a client wait; null if there are none. */
    @Nullable
    RoomShard shard(Client client) {
        Pending found = pending.get(client);
        return found == null ? null : found.shard;
    }

    /** Adds a leave that waits. */
    void add(Client client, RoomShard shard) {
        pending.merge(client, new Pending(shard, 1), (before, one) -> new Pending(shard, before.count + 1));
    }

    /** Removes a leave that the shard has handled. */
    void remove(Client client) {
        pending.computeIfPresent(
                client, (key, before) -> before.count == 1 ? null : new Pending(before.shard, before.count - 1));
    }

    boolean isEmpty() {
        return pending.isEmpty();
    }
}
