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
    /** The room that everybody on {@code /ws} is in; no {@link RoomName}, so that nobody else gets in. */
    public static final String EVERYBODY = "";

    private final Limits limits;
    private final Executor executor;
    private final int parallelism;
    private final LongSupplier nanoTime;
    private volatile boolean closed;
    private final Refusals refusals = new Refusals();
    private final AtomicLong lastId = new AtomicLong();
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();
    /** Clients that have left, but are still being sent what was said before. */
    private final Set<Client> closing = ConcurrentHashMap.newKeySet();
    /** How many clients come from an address; never 0. */
    private final ConcurrentMap<String, Integer> addresses = new ConcurrentHashMap<>();

    private final ConcurrentMap<String, Room> rooms = new ConcurrentHashMap<>();

    /**
     * Makes an empty hub.
     *
     * @param executor runs rooms; must not run a task inside {@code execute}
     * @param parallelism how many threads may serve one room, at least 1: the executor's
     * @param nanoTime a clock in nanoseconds from any origin, such as {@link System#nanoTime}
     */
    public Hub(Limits limits, Executor executor, int parallelism, LongSupplier nanoTime) {
        this.limits = limits;
        this.executor = executor;
        this.parallelism = Math.min(parallelism, Room.MAX_SECTIONS);
        this.nanoTime = nanoTime;
    }

    /**
     * Returns a client for a new connection; it is in no room yet. If it is one too many, it is closed already.
     *
     * @param address where the connection comes from, for {@link Limits#maxConnectionsPerAddress}; empty if that is unknown or
     *     counted elsewhere
     */
    public Client connect(Transport transport, Protocol protocol, String address) {
        Client client = new Client(this, "c" + lastId.incrementAndGet(), transport, protocol, address);
        clients.add(client);
        int fromAddress = address.isEmpty() ? 0 : addresses.merge(address, 1, Integer::sum);
        if (closed) { // read after the client was added: either this sees it, or close() sees the client
            goAway(client);
        } else if (limits.maxConnections() != 0 && clients.size() > limits.maxConnections()) {
            client.refuse(Refusal.CONNECTIONS);
        } else if (limits.maxConnectionsPerAddress() != 0 && fromAddress > limits.maxConnectionsPerAddress()) {
            client.refuse(Refusal.CONNECTIONS_PER_ADDRESS);
        }
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

    /** Returns how often each limit was reached. */
    public Refusals refusals() {
        return refusals;
    }

    /** Does what is due by the clock, for every client. Called by one thread at a time, about once a second. */
    public void tick() {
        long now = nanoTime.getAsLong();
        for (Client client : clients) {
            client.tick(now);
        }
        closing.removeIf(client -> client.expire(now));
        refusals.log(now);
    }

    /** Closes every client, each after what was said to it before, and from here on every new one. */
    public void close() {
        closed = true;
        for (Client client : clients) {
            goAway(client);
        }
    }

    private static void goAway(Client client) {
        client.close(CloseCode.GOING_AWAY, "the server stops");
    }

    LongSupplier nanoTime() {
        return nanoTime;
    }

    /**
     * Returns the room of this name, made if need be, with one more occupant.
     *
     * @throws LimitException if the room is full, or would be one too many
     */
    Room occupy(String name) {
        return rooms.compute(name, (key, room) -> {
            if (room == null) {
                require(limits.maxRooms(), rooms.size(), Refusal.ROOMS);
                room = new Room(name, executor, limits.maxRoomQueuedBytes(), parallelism);
            }
            require(limits.maxClientsPerRoom(), room.occupants, Refusal.CLIENTS_PER_ROOM);
            room.occupants++;
            return room;
        });
    }

    /** One occupant less; an empty room is forgotten. What it still has in its inbox has nobody left to hear it. */
    void vacate(Room room) {
        rooms.computeIfPresent(room.name(), (key, present) -> --present.occupants == 0 ? null : present);
    }

    /** Keeps an eye on the last sends of a client that has left. */
    void awaitEnd(Client client) {
        closing.add(client);
    }

    /** A client is gone; called once for each. */
    void forget(Client client) {
        clients.remove(client);
        addresses.computeIfPresent(client.address(), (address, count) -> count == 1 ? null : count - 1);
    }

    private static void require(int max, int present, Refusal refusal) {
        if (max != 0 && present >= max) {
            throw new LimitException(refusal);
        }
    }
}
