package dev.tutti.hub;

import dev.tutti.security.Access;
import dev.tutti.security.UnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All rooms of a hub: those that clients or observations refer to, and those without references that are still needed. Safe for any thread.
 *
 * <p>A room without references is removed when its log needs it no more. If the rooms or their histories exceed a limit, it is removed earlier:
 * first the room that has had no references for the longest time.
 */
final class Rooms {
    private static final Logger LOG = System.getLogger(Rooms.class.getName());

    private final Limits limits;
    private final Budget budget;
    private final boolean needPreparation;
    private final Function<String, Room> factory;
    private final ReferenceCountedMap<Room> rooms = new ReferenceCountedMap<>();

    /**
     * Makes no room yet.
     *
     * @param needPreparation whether the rooms' logs must be prepared
     * @param factory makes an empty room of a name
     */
    Rooms(Limits limits, Budget budget, boolean needPreparation, Function<String, Room> factory) {
        this.limits = limits;
        this.budget = budget;
        this.needPreparation = needPreparation;
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

    /** Returns whether rooms must be prepared. */
    boolean needPreparation() {
        return needPreparation;
    }

    /**
     * Prepares the log of a room, with a reference to the room until that has ended.
     *
     * @return as {@link RoomLog#prepare}
     * @throws LimitException as {@link #acquire} and {@link RoomLog#prepare}
     */
    @Nullable
    CompletionStage<?> prepare(String name, @Nullable Position since) {
        if (!needPreparation) {
            return null;
        }
        Room room = acquire(name);
        CompletionStage<?> unprepared = null;
        try {
            unprepared = room.prepare(since);
        } finally {
            if (unprepared == null) {
                release(room);
            }
        }
        return unprepared == null ? null : releaseAfter(unprepared, room);
    }

    /** Begins to load a room that somebody observes; a log that is away now does so later. */
    void prepareObserved(Room room) {
        if (needPreparation) {
            try {
                var unused = room.prepare(null);
            } catch (UnavailableException | LimitException e) {
                LOG.log(Level.DEBUG, "an observed room is loaded later", e);
            }
        }
    }

    /** Returns a stage whose dependents run before the reference is given back. */
    private CompletionStage<?> releaseAfter(CompletionStage<?> unprepared, Room room) {
        CompletableFuture<@Nullable Void> prepared = new CompletableFuture<>();
        var unused = unprepared.whenComplete((result, failure) -> {
            try {
                prepared.complete(null);
            } finally {
                release(room);
            }
        });
        return prepared;
    }

    /**
     * Publishes in a room for a caller who is no member.
     *
     * @param from null for the application
     * @return as {@link RoomLog#append}
     */
    CompletionStage<Position> publish(String name, @Nullable Sender from, String data, @Nullable String key) {
        return Access.after(prepare(name, null), () -> {
            Room room = acquire(name);
            try {
                return room.publish(from, data, key, true, false);
            } finally {
                release(room);
            }
        });
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

    /** Calls an action for each room, under no lock. */
    void forEach(Consumer<? super Room> action) {
        rooms.forEach(action);
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
        long max = RoomLogs.Context.maxHistoryBytes(limits, budget);
        while (budget.usedBytes(Budget.Share.HISTORY) > max - max / 4 && removeEarliestIdle()) {}
    }

    private void removeUnneeded(Room room) {
        if (rooms.removeIdle(room.name(), room, idle -> !idle.isNeeded())) {
            room.close();
        }
    }

    private boolean removeEarliestIdle() {
        Room room = rooms.removeEarliestIdle(Room::isExpendable);
        if (room != null) {
            room.close();
        }
        return room != null;
    }
}
