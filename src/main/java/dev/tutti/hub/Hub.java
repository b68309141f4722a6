package dev.tutti.hub;

import dev.tutti.event.Events;
import dev.tutti.event.TuttiListener;
import dev.tutti.security.Access;
import dev.tutti.security.Identity;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * All connected clients, and all rooms. Safe for any thread.
 *
 * <p>A hub owns no threads: rooms run on the executor that it is given, and its owner calls {@link #tick} about once a second.
 */
public final class Hub {
    /** The room of all clients on {@code /ws}; it is no valid {@link RoomName}, so that no other client can join it. */
    public static final String BROADCAST_ROOM = "";

    /** The reason of each close, for people. */
    private static final String STOPS = "the server stops";

    /** Time between two ticks of the rooms. */
    private static final long ROOM_TICK_NANOS = 5_000_000_000L;

    private final Limits limits;
    private final boolean historyOutlivesTheServer;
    private final Budget budget;
    final String name;
    private final Executor executor;
    private final TimeSource time;
    private final Metrics metrics;
    private final LimitBreaches breaches;
    private final Events events = new Events();
    private final Clients clients;
    private final Eviction eviction;
    private final RoomContext roomContext;
    private final Rooms rooms;
    private final Users users;
    private final RequestRates requestRates;
    private final AtomicLong lastId = new AtomicLong();
    private final AtomicLong lastEpoch = new AtomicLong();

    private volatile boolean closed;

    /** With which new connections are closed while the server drains; null if it does not. */
    private volatile @Nullable CloseCode refusal;

    /** Confined to the clock. */
    private long lastRoomTickNanos;

    /** As below, without metrics. */
    public Hub(Limits limits, String name, Executor executor, int parallelism, TimeSource time) {
        this(limits, name, executor, parallelism, time, Metrics.NONE);
    }

    /** As below, with logs in memory. */
    public Hub(Limits limits, String name, Executor executor, int parallelism, TimeSource time, Metrics metrics) {
        this(limits, name, executor, parallelism, time, metrics, RoomLogs.IN_MEMORY);
    }

    /**
     * Makes a hub without clients.
     *
     * @param name unique among all hubs, also those before a restart: ids and epochs begin with it
     * @param executor runs rooms; must not run a task inside {@code execute}
     * @param parallelism number of threads that may serve one room, at least 1: those of the executor
     * @param logs makes the logs of the rooms
     */
    public Hub(
            Limits limits,
            String name,
            Executor executor,
            int parallelism,
            TimeSource time,
            Metrics metrics,
            RoomLogs logs) {
        this.limits = limits;
        this.budget = Budget.of(limits);
        this.name = name;
        this.executor = executor;
        this.time = time;
        this.metrics = metrics;
        this.breaches = new LimitBreaches(metrics);
        this.users = new Users(limits, time);
        this.requestRates = new RequestRates(users, limits, time);
        this.lastRoomTickNanos = time.nanos();
        this.clients = new Clients(limits, executor, time);
        this.eviction = new Eviction(clients, budget, executor, metrics);
        this.historyOutlivesTheServer = logs.outliveTheServer();
        int maxShards = Shards.max(parallelism);
        this.roomContext = new RoomContext(limits, executor, maxShards, time, budget, metrics, events);
        RoomLog.Factory factory =
                logs.in(new RoomLogs.Context(limits, budget, executor, time, () -> unique(lastEpoch)));
        this.rooms =
                new Rooms(limits, budget, factory.needsPreparation(), room -> new Room(room, factory, roomContext));
    }

    /**
     * Returns a client for a new connection, in no room. If the connection exceeds a limit, or the hub is closed, so is the client.
     *
     * @param address the peer's address, for {@link Limits#maxConnectionsPerAddress}; empty if it is unknown or counted elsewhere
     * @param access identity and permissions of the connection; the user of an anonymous one is the client's own id
     */
    public Client connect(Transport transport, Protocol protocol, String address, Access access) {
        String id = unique(lastId);
        Client client = new Client(this, id, access, transport, protocol, address);
        LimitBreach breach = clients.add(client);
        metrics.connectionOpened(protocol);
        CloseCode refused = refusal;
        if (closed) { // read after the client was added: either this sees it, or close() sees the client
            client.close(CloseCode.GOING_AWAY, STOPS);
        } else if (refused != null) { // likewise: either this or the sweep after refuseConnections()
            client.close(refused, Drain.REASON);
        } else if (breach != null) {
            client.closeFor(breach);
        } else {
            client.lifetime().begin();
        }
        return client;
    }

    /**
     * Returns the limit that one more connection would exceed, null for none.
     *
     * @param ending connections that have not ended, but whose clients have
     * @param endingFromAddress those of them that come from {@code address}
     */
    public @Nullable LimitBreach breach(int ending, String address, int endingFromAddress, Identity identity) {
        LimitBreach breach = clients.breach(ending + 1, address, endingFromAddress + 1);
        return breach == null ? breach(identity) : breach;
    }

    /** Returns the limit that one more connection of a user would exceed, null for none. */
    public @Nullable LimitBreach breach(Identity identity) {
        return users.isFull(identity) ? LimitBreach.CONNECTIONS_PER_USER : null;
    }

    /**
     * Publishes to all members of a room, with or without members, in the name of the application. The room publishes a key once, as long as
     * it retains that publication.
     *
     * @param data JSON text in one line of well-formed Unicode
     * @param key null for none
     * @return as {@link Subscription#publish}
     * @throws LimitException if too much waits in this room, or there are too many rooms; then nothing is published
     */
    public CompletionStage<Position> publish(String roomName, String data, @Nullable String key) {
        return rooms.publish(roomName, null, data, key);
    }

    /**
     * Calls a listener for all later events of a room, with or without members.
     *
     * @param executor runs the listener; must not run a task inside {@code execute}
     * @throws LimitException if there are too many rooms
     */
    public Observation observe(String roomName, RoomListener listener, Executor executor) {
        Room room = rooms.acquire(roomName);
        Observation observation = new Observation(this, room, listener, executor);
        room.add(observation);
        rooms.prepareObserved(room);
        return observation;
    }

    /**
     * Calls a listener for all later events, until the queue is closed and removed from {@link #events}.
     *
     * @param executor runs the listener; must not run a task inside {@code execute}
     */
    public ListenerQueue listen(TuttiListener listener, Executor executor) {
        ListenerQueue queue = new ListenerQueue(this, listener, executor);
        events.add(queue);
        return queue;
    }

    /** Returns the events of all clients and rooms. */
    public Events events() {
        return events;
    }

    /** Returns all members of a room, however many; in a crowded room of several nodes those of this node. */
    public List<Member> members(String roomName) {
        Room room = rooms.get(roomName);
        return room == null ? List.of() : room.members();
    }

    /** Returns the number of connected clients. */
    public int clientCount() {
        return clients.connected().size();
    }

    /** Returns the number of rooms. */
    public int roomCount() {
        return rooms.size();
    }

    /** Returns the bytes of the broadcasts that wait for clients, those of each. Visits all clients. */
    public long waitingBytes() {
        return clients.waitingBytes();
    }

    /** Returns the limits of this hub and of each client. */
    public Limits limits() {
        return limits;
    }

    /** Returns whether the histories of rooms are there after a restart of this server. */
    public boolean historyOutlivesTheServer() {
        return historyOutlivesTheServer;
    }

    /** Returns the memory that all peers together can make the server keep. */
    public Budget budget() {
        return budget;
    }

    /** Returns the rates of callers without a connection. */
    public RequestRates requestRates() {
        return requestRates;
    }

    /** Returns the rooms, for callers that are no clients. */
    public RoomDirectory directory() {
        return new RoomDirectory(rooms, executor);
    }

    /** Returns the connected clients, for callers that administer them. */
    public ClientDirectory clientDirectory() {
        return new ClientDirectory(clients.connected(), executor);
    }

    /** Returns the number of breaches of each limit. */
    public LimitBreaches breaches() {
        return breaches;
    }

    /** Handles a tick of the clock. Called by one thread at a time, about once a second. */
    public void tick() {
        long now = time.nanos();
        clients.tick(now);
        eviction.tick();
        breaches.log(now);
        if (now - lastRoomTickNanos >= ROOM_TICK_NANOS) {
            lastRoomTickNanos = now;
            rooms.tick(now);
            users.tick(now);
            requestRates.tick(now);
        }
    }

    /** Closes all clients, each after its earlier frames, and from now on every new one. */
    public void close() {
        closed = true;
        clients.connected().forEach(client -> client.close(CloseCode.GOING_AWAY, STOPS));
    }

    /** Closes every new connection from now on, and makes {@link #refusesConnections} tell the code ahead of a handshake. */
    void refuseConnections(CloseCode code) {
        refusal = code;
    }

    /** Returns whether a handshake would be in vain, because the server drains. */
    public boolean refusesConnections() {
        return refusal != null;
    }

    /** Returns a probe of the way through a room. Its room is in no list, counts for no limit, and retains nothing. */
    public RoomProbe probe() {
        return new RoomProbe(this, roomContext);
    }

    TimeSource time() {
        return time;
    }

    Metrics metrics() {
        return metrics;
    }

    Executor executor() {
        return executor;
    }

    Clients clients() {
        return clients;
    }

    Eviction eviction() {
        return eviction;
    }

    Rooms rooms() {
        return rooms;
    }

    Users users() {
        return users;
    }

    private String unique(AtomicLong last) {
        return name + '-' + Long.toString(last.incrementAndGet(), Character.MAX_RADIX);
    }
}
