package dev.tutti.hub;

import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everybody who is connected, and every room that has somebody in it or remembers something. Safe for any thread.
 *
 * <p>A hub owns no threads: rooms run on the executor it was given, and whoever made it calls {@link #tick} about once a second.
 */
public final class Hub {
    /** The room that everybody on {@code /ws} is in; no {@link RoomName}, so that nobody else gets in. */
    public static final String BROADCAST_ROOM = "";

    private static final Logger LOG = System.getLogger(Hub.class.getName());

    /** How often rooms are looked through. */
    private static final long SWEEP_NANOS = 5_000_000_000L;

    private final Limits limits;
    private final Budget budget;
    private final String name;
    private final Executor executor;
    private final TimeSource time;
    private volatile boolean closed;
    private final LimitBreaches breaches = new LimitBreaches();
    private final AtomicLong lastId = new AtomicLong();
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();
    /** Clients that have left, but are still being sent what was said before. */
    private final Set<Client> closing = ConcurrentHashMap.newKeySet();
    /** How many clients come from an address; never 0. */
    private final ConcurrentMap<String, Integer> addresses = new ConcurrentHashMap<>();

    private final AtomicLong lastEpoch = new AtomicLong();
    private final Rooms rooms;

    private final AtomicBoolean relieving = new AtomicBoolean();

    /** Confined to the clock. */
    private long lastSweepNanos;

    /**
     * Makes an empty hub.
     *
     * @param name no other hub has it, nor did one before a restart: ids and epochs begin with it
     * @param executor runs rooms; must not run a task inside {@code execute}
     * @param parallelism how many threads may serve one room, at least 1: the executor's
     */
    public Hub(Limits limits, String name, Executor executor, int parallelism, TimeSource time) {
        this.limits = limits;
        this.budget = Budget.of(limits);
        this.name = name;
        this.executor = executor;
        this.time = time;
        int maxShards = Math.min(parallelism, Room.MAX_SHARDS);
        this.rooms = new Rooms(
                limits,
                budget,
                roomName -> new Room(roomName, unique(lastEpoch), limits, executor, maxShards, time, budget));
        this.lastSweepNanos = time.nanos();
    }

    /**
     * Returns a client for a new connection; it is in no room yet. If it is one too many, it is closed already.
     *
     * @param address where the connection comes from, for {@link Limits#maxConnectionsPerAddress}; empty if that is unknown or
     *     counted elsewhere
     * @param user who is behind it, empty for nobody in particular: then the client's own id
     */
    public Client connect(Transport transport, Protocol protocol, String address, String user) {
        String id = unique(lastId);
        Client client = new Client(this, new Sender(id, user.isEmpty() ? id : user), transport, protocol, address);
        clients.add(client);
        int fromAddress = address.isEmpty() ? 0 : addresses.merge(address, 1, Integer::sum);
        LimitBreach breach = breach(clients.size(), fromAddress);
        if (closed) { // read after the client was added: either this sees it, or close() sees the client
            goAway(client);
        } else if (breach != null) {
            client.closeFor(breach);
        }
        return client;
    }

    /**
     * Returns the limit that one more connection would go over, null if it may come.
     *
     * @param ending connections, whose clients have left, that have not ended
     * @param endingFromAddress those of them that come from {@code address}
     */
    public @Nullable LimitBreach breach(int ending, String address, int endingFromAddress) {
        int fromAddress = addresses.getOrDefault(address, 0);
        return breach(clients.size() + ending + 1, fromAddress + endingFromAddress + 1);
    }

    private @Nullable LimitBreach breach(int connections, int fromAddress) {
        if (limits.maxConnections() != 0 && connections > limits.maxConnections()) {
            return LimitBreach.CONNECTIONS;
        }
        int max = limits.maxConnectionsPerAddress();
        return max != 0 && fromAddress > max ? LimitBreach.CONNECTIONS_PER_ADDRESS : null;
    }

    /**
     * Says something to everybody in a room, whether anybody is in it or not, in the name of the application.
     *
     * @param data JSON text in one line of well-formed Unicode
     * @param key the same one is said once, while the room remembers it; null for none
     * @return the position of what was said
     * @throws LimitException if too much waits in this room, or it would be one room too many
     */
    public Position publish(String roomName, String data, @Nullable String key) {
        Room room = acquire(roomName);
        try {
            return room.publish(null, data, key);
        } finally {
            release(room);
        }
    }

    /**
     * Listens to a room from here on, whether anybody is in it or not.
     *
     * @param executor runs the listener; must not run a task inside {@code execute}
     * @throws LimitException if it would be one room too many
     */
    public Observation observe(String roomName, RoomListener listener, Executor executor) {
        Room room = acquire(roomName);
        Observation observation = new Observation(this, room, listener, executor);
        room.add(observation);
        return observation;
    }

    /** Returns everybody who is in a room. */
    public List<Member> members(String roomName) {
        Room room = rooms.get(roomName);
        return room == null ? List.of() : room.members();
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

    /** Returns the memory that all peers together can make the server keep. */
    public Budget budget() {
        return budget;
    }

    /** Returns how often each limit was reached. */
    public LimitBreaches breaches() {
        return breaches;
    }

    /** Does what is due by the clock, for every client. Called by one thread at a time, about once a second. */
    public void tick() {
        long now = time.nanos();
        for (Client client : clients) {
            Faults.guard(LOG, "a tick of a client failed", () -> client.tick(now));
        }
        closing.removeIf(client -> client.expire(now));
        if (budget.isUnderPressure(Budget.Share.OUTPUT)) {
            relieveOutput();
        }
        breaches.log(now);
        if (now - lastSweepNanos >= SWEEP_NANOS) {
            lastSweepNanos = now;
            rooms.tick(now);
        }
    }

    /** Asks for an eviction of the clients that hold most of the output budget, unless one is under way. */
    void onOutputPressure() {
        if (relieving.compareAndSet(false, true)) {
            executor.execute(() -> {
                try {
                    relieveOutput();
                } finally {
                    relieving.set(false);
                }
            });
        }
    }

    /** Evicts the clients that hold most of the output budget until half of it is free. */
    private void relieveOutput() {
        record Holder(Client client, long bytes) {}
        List<Holder> holders = new ArrayList<>();
        Stream.concat(clients.stream(), closing.stream()).forEach(client -> {
            long held = client.heldBytes();
            if (held > 0) {
                holders.add(new Holder(client, held));
            }
        });
        holders.sort(Comparator.comparingLong(Holder::bytes).reversed());
        for (Holder holder : holders) {
            if (budget.usedBytes(Budget.Share.OUTPUT) <= budget.limitBytes(Budget.Share.OUTPUT) / 2) {
                return;
            }
            holder.client.evict();
        }
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

    TimeSource time() {
        return time;
    }

    /**
     * Returns the room of a name with one more reference; {@link #release} must follow.
     *
     * @throws LimitException if the room is full, or there are too many rooms
     */
    Room acquire(String roomName) {
        return rooms.acquire(roomName);
    }

    /** Gives back a reference to a room. */
    void release(Room room) {
        rooms.release(room);
    }

    private String unique(AtomicLong last) {
        return name + '-' + Long.toString(last.incrementAndGet(), Character.MAX_RADIX);
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
}
