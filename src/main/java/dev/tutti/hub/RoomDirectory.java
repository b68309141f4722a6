package dev.tutti.hub;

import dev.tutti.security.Identity;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rooms for callers that are no clients, such as requests of the HTTP API. It asks for no rights: its callers do. A room that does not exist has
 * no members and no publications. Safe for any thread.
 */
public final class RoomDirectory {
    /** The client id of publishers without a connection; no connection has it. */
    public static final String HTTP_CLIENT = "http";

    private final Rooms rooms;
    private final Executor executor;

    RoomDirectory(Rooms rooms, Executor executor) {
        this.rooms = rooms;
        this.executor = executor;
    }

    /**
     * Publishes in the name of a caller, as {@link Subscription#publish} does for a client. The user of an anonymous caller is {@value
     * #HTTP_CLIENT}.
     *
     * @throws LimitException if too much waits in this room, or there are too many rooms; then nothing is published
     */
    public CompletionStage<Position> publish(Identity caller, String roomName, String data, @Nullable String key) {
        Sender sender = new Sender(HTTP_CLIENT, caller.user().isEmpty() ? HTTP_CLIENT : caller.user());
        return rooms.publish(roomName, sender, data, key);
    }

    /**
     * Prepares a room for the calls below; without it they fail for a room whose publications are stored, but not in memory.
     *
     * @return null if they may be called now; else a stage that completes, never with a failure, when they may
     * @throws dev.tutti.security.UnavailableException if the publications cannot be read
     * @throws LimitException if there is no memory for them
     */
    public @Nullable CompletionStage<?> prepare(String roomName) {
        return rooms.prepare(roomName, null);
    }

    /**
     * Returns the names of rooms in their order, without the room of {@code /ws}. It visits all rooms, on the executor of rooms.
     *
     * @param prefix of their names; empty for all
     * @param after the name before the first result; empty to begin with the first room
     * @param max number of results
     */
    public CompletionStage<List<String>> list(String prefix, String after, int max) {
        return CompletableFuture.supplyAsync(
                () -> {
                    TreeSet<String> first = new TreeSet<>();
                    for (String name : rooms.names()) {
                        if (!name.isEmpty() && name.startsWith(prefix) && name.compareTo(after) > 0) {
                            first.add(name);
                            if (first.size() > max) {
                                first.pollLast();
                            }
                        }
                    }
                    return List.copyOf(first);
                },
                executor);
    }

    /** Calls an action for each room, that of {@code /ws} included. */
    public void forEachUsage(Consumer<RoomUsage> action) {
        rooms.forEach(room -> action.accept(room.usage()));
    }

    /** Returns the members of a room, only counted if they are more than {@link Limits#maxListedClients}. */
    public Members members(String roomName) {
        Room room = rooms.get(roomName);
        return room == null ? Members.NONE : room.listedMembers();
    }

    /** Returns the position of the last publication of a room; null if the room does not exist. */
    public @Nullable Position position(String roomName) {
        HistoryPage none = page(roomName, log -> log.latest(0));
        return none == null ? null : none.position();
    }

    /** Returns the first retained publications after a position; null if the room does not exist. */
    public @Nullable HistoryPage since(String roomName, Position since, int max) {
        return page(roomName, log -> log.since(since, max));
    }

    /** Returns the last retained publications before a position; otherwise as {@link #since}. */
    public @Nullable HistoryPage before(String roomName, Position before, int max) {
        return page(roomName, log -> log.before(before, max));
    }

    /** Returns the latest retained publications; otherwise as {@link #since}. */
    public @Nullable HistoryPage latest(String roomName, int max) {
        return page(roomName, log -> log.latest(max));
    }

    private @Nullable HistoryPage page(String roomName, Function<RoomLog, HistoryPage> query) {
        Room room = rooms.get(roomName);
        return room == null ? null : room.history(query);
    }

    /**
     * Deletes the retained publications of a room. Its offsets go on, so clients learn that they have missed some.
     *
     * @return as {@link RoomLog#clear}
     */
    public CompletionStage<?> deleteHistory(String roomName) {
        Room room = rooms.get(roomName);
        return room == null ? CompletableFuture.completedFuture(null) : room.deleteHistory();
    }
}
