package dev.tutti.hub;

import java.lang.System.Logger;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All rooms of a hub: those that clients or observations refer to, and those without references that are still needed. Safe for any thread.
 *
 * <p>A room without references is removed when its history is empty. If the rooms or their histories exceed a limit, it is removed earlier:
 * first the room that has had no references for the longest time.
 */
final class Rooms {
    private static final Logger LOG = System.getLogger(Rooms.class.getName());

    private final Limits limits;
    private final Budget budget;
    private final Function<String, Room> factory;
    private final ReferenceCountedMap<Room> rooms = new ReferenceCountedMap<>();

    /**
     * Makes no room yet.
     *
     * @param factory makes an empty room of a name
     */
    Rooms(Limits limits, Budget budget, Function<String, Room> factory) {
        this.limits = limits;
        this.budget = budget;
        this.factory = factory;
    }

    /**
     * Returns the room of a name, new if there is none, with one more reference; {@link #release} must follow.
     *
     * @throws LimitException if the room is full, or there are too many rooms
     */
    Room acquire(String name) {
        int max = limits.maxRooms();
        while (max != 0 && rooms.size() >= max && rooms.get(name) == null && removeEarliestIdle()) {}
        Room room = rooms.tryAcquire(name, this::create, limits.maxClientsPerRoom());
        if (room == null) {
            throw new LimitException(LimitBreach.CLIENTS_PER_ROOM);
        }
        return room;
    }

    private Room create(String name) {
        int max = limits.maxRooms();
        if (max != 0 && rooms.size() >= max) {
            throw new LimitException(LimitBreach.ROOMS);
        }
        return factory.apply(name);
    }

    /** Gives back a reference. Events in the mailboxes of a room without references concern nobody. */
    void release(Room room) {
        if (rooms.release(room.name(), room, 1)) {
            removeUnneeded(room);
        }
    }

    /** Returns the room of a name without a reference; null if there is none. */
    @Nullable
    Room get(String name) {
        return rooms.get(name);
    }

    /** Returns the names of the rooms that exist now, as a view. */
    Set<String> names() {
        return rooms.names();
    }

    int size() {
        return rooms.size();
    }

    /** Handles a tick of the clock in each room, and removes rooms that are no longer needed. */
    void tick(long nowNanos) {
        rooms.forEach(room -> Faults.guard(LOG, "a tick of a room failed", () -> {
            room.tick(nowNanos);
            removeUnneeded(room);
        }));
        long max = MemoryLog.maxBytes(limits, budget);
        while (budget.usedBytes(Budget.Share.HISTORY) > max - max / 4 && removeEarliestIdle()) {}
    }

    private void removeUnneeded(Room room) {
        if (rooms.removeIdle(room.name(), room, idle -> !idle.isNeeded())) {
            room.close();
        }
    }

    private boolean removeEarliestIdle() {
        Room room = rooms.removeEarliestIdle();
        if (room != null) {
            room.close();
        }
        return room != null;
    }
}
