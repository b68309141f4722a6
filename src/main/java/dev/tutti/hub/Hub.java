package dev.tutti.hub;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Everybody who is connected, and every room that has somebody in it. Safe for any thread.
 *
 * <p>A hub owns no threads: rooms run on the executor it was given, and whoever made it calls {@link #tick} about once a second.
 */
public final class Hub {
    /** The room that everybody on {@code /ws} is in. */
    public static final String EVERYBODY = "";

    private final Limits limits;
    private final Executor executor;
    private final LongSupplier nanoTime;
    private final AtomicLong lastId = new AtomicLong();
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();
    private final ConcurrentMap<String, Room> rooms = new ConcurrentHashMap<>();

    /**
     * Makes an empty hub.
     *
     * @param executor runs rooms; must not run a task inside {@code execute}
     * @param nanoTime a clock in nanoseconds from any origin, such as {@link System#nanoTime}
     */
    public Hub(Limits limits, Executor executor, LongSupplier nanoTime) {
        this.limits = limits;
        this.executor = executor;
        this.nanoTime = nanoTime;
    }

    /** Returns a client for a new connection; it is in no room yet. */
    public Client connect(Transport transport, Protocol protocol) {
        Client client = new Client(this, "c" + lastId.incrementAndGet(), transport, protocol);
        clients.add(client);
        return client;
    }

    /** Returns how many clients are connected. */
    public int clientCount() {
        return clients.size();
    }

    /** Returns how many rooms there are. */
    public int roomCount() {
        return rooms.size();
    }

    /** Returns the limits that every client of this hub has. */
    public Limits limits() {
        return limits;
    }

    /** Does what is due by the clock: closes clients whose send takes too long. */
    public void tick() {
        long maxSendNanos = limits.maxSendNanos();
        for (Client client : clients) {
            client.expire(maxSendNanos);
        }
    }

    /** Closes every client, each after what was said to it before. */
    public void closeAll(CloseCode code, String reason) {
        for (Client client : clients) {
            client.close(code, reason);
        }
    }

    LongSupplier nanoTime() {
        return nanoTime;
    }

    /** Returns the room of this name, made if need be, with one more occupant. */
    Room occupy(String name) {
        return rooms.compute(name, (key, room) -> {
            Room occupied = room == null ? new Room(name, executor) : room;
            occupied.occupants++;
            return occupied;
        });
    }

    /** One occupant less; an empty room is forgotten. What it still has in its inbox has nobody left to hear it. */
    void vacate(Room room) {
        rooms.computeIfPresent(room.name(), (key, present) -> --present.occupants == 0 ? null : present);
    }

    void forget(Client client) {
        clients.remove(client);
    }
}
