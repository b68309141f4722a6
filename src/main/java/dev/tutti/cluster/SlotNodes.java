package dev.tutti.cluster;

import dev.tutti.hub.Problem;
import dev.tutti.hub.TimeSource;
import dev.tutti.hub.Timer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The masters of a Redis Cluster, each with one connection. A part is on the master that has its slot. The slots are read again when a node says that it
 * does not have a part any more, while a part has no connection, and sometimes besides. Safe for any thread.
 *
 * <p>The monitor is taken within that of a {@link ClusterConnection}, and never the other way round.
 */
final class SlotNodes implements Nodes {
    /** Time after which the slots are read without a reason: a new node gets a connection before it gets slots. */
    private static final long REFRESH_NANOS = 10_000_000_000L;

    /** Opens connections to the nodes. */
    interface Connector extends AutoCloseable {
        /** Returns the addresses in the settings, of at least one node. */
        List<NodeAddress> seeds();

        /** Returns a connector to one node; its {@code close} does nothing. */
        Redis.Connector to(NodeAddress node);

        /** Returns the slot of a key, or of a channel. */
        int slot(String key);

        /** Asks a node for the slots. */
        CompletionStage<Slots> readSlots(NodeAddress node);

        @Override
        void close();
    }

    private final Connector connector;
    private final TimeSource time;
    private final SlotReader reader;
    private final PartHolders holders;
    private final MoveWaiters waiters;
    /** By part. */
    private final int[] slots = new int[PARTS];
    /** Written once, by {@link #start}. */
    private volatile @Nullable Observer observer;

    // Guarded by this.
    /** By part. */
    private final Slots.@Nullable Owner[] owners = new Slots.Owner[PARTS];

    /** Parts of which a connection has lost a channel. */
    private final Set<Integer> unsubscribed = new HashSet<>();

    private final NodeLinks links;
    private long readNanos;
    private boolean isClosed;

    /** @param prefix of all keys */
    SlotNodes(Connector connector, String prefix, TimeSource time, Timer timer, RandomGenerator random) {
        this.connector = connector;
        this.time = time;
        this.reader = new SlotReader(connector.seeds(), connector::readSlots, this::accept, timer, random);
        this.holders = new PartHolders(time);
        this.waiters = new MoveWaiters(holders, timer);
        this.links = new NodeLinks(address -> new ClusterConnection(connector.to(address), time, timer, random), time);
        for (int part = 0; part < RoomKeys.PARTS; part++) {
            slots[part] = connector.slot(RoomKeys.tag(part));
        }
        slots[SERVERS] = connector.slot(serversPrefix(prefix));
        readNanos = time.nanos();
    }

    /** Braces make all keys and channels with this text belong to one slot. */
    @Override
    public String serversPrefix(String prefix) {
        return '{' + prefix + '}';
    }

    @Override
    public void start(Observer first) {
        observer = first;
        reader.request();
    }

    @Override
    public @Nullable Redis of(int part) {
        return holders.of(part);
    }

    @Override
    public String generations(int part, Redis at) {
        return holders.generations(part, at);
    }

    @Override
    public Runnable calling(int part, Redis at) {
        return holders.calling(part, at);
    }

    /** A node has told the slots: the nodes that parts have left confirm first that they have lost nothing. */
    private void accept(Slots found) {
        Set<Redis> left = new HashSet<>();
        synchronized (this) {
            for (int part = 0; part < PARTS; part++) {
                Redis present = holders.of(part);
                if (present != null && hasMoved(part, found)) {
                    left.add(present);
                }
            }
        }
        var unused = Unchanged.among(left).thenAccept(confirmed -> apply(found, confirmed));
    }

    /** Called under this. Returns whether a part has another owner; a node may lag behind. */
    private boolean hasMoved(int part, Slots found) {
        Slots.Owner told = found.owner(slots[part]);
        Slots.Owner known = owners[part];
        if (told == null || (known != null && told.address().equals(known.address()))) {
            return false;
        }
        return known == null || holders.of(part) == null || told.epoch() >= known.epoch();
    }

    /** @param confirmed connections whose nodes have lost nothing */
    private void apply(Slots found, Set<Redis> confirmed) {
        List<NodeLinks.Link> opened;
        synchronized (this) {
            if (isClosed) {
                return;
            }
            Set<Integer> keepingData = new HashSet<>();
            for (int part = 0; part < PARTS; part++) {
                if (hasMoved(part, found)) {
                    Slots.Owner owner = Objects.requireNonNull(found.owner(slots[part]));
                    owners[part] = owner;
                    Redis present = holders.of(part);
                    if (present != null
                            && confirmed.contains(present)
                            && holders.wasCalledLately(part)
                            && links.wasOpen(owner.address(), holders.calledNanos(part))) {
                        keepingData.add(part);
                    }
                }
            }
            opened = links.open(found.masters());
            assign(keepingData);
        }
        opened.forEach(link -> link.connection().start(new LinkObserver(link)));
    }

    /** Called under this: gives each part the connection to its owner, which is a new one if it has lost a channel. */
    private void assign(Set<Integer> keepingData) {
        Set<Integer> lost = new HashSet<>();
        Map<Redis, Set<Integer>> found = new HashMap<>();
        for (int part = 0; part < PARTS; part++) {
            Slots.Owner owner = owners[part];
            Redis redis = owner == null ? null : links.current(owner.address());
            boolean isUnsubscribed = unsubscribed.remove(part);
            if (redis != holders.of(part)) {
                holders.replace(part, redis, keepingData.contains(part));
            } else if (redis == null || !isUnsubscribed) {
                continue;
            }
            if (redis == null) {
                lost.add(part);
            } else {
                found.computeIfAbsent(redis, to -> new HashSet<>()).add(part);
            }
        }
        Observer receiver = Objects.requireNonNull(observer);
        if (!lost.isEmpty()) {
            receiver.disconnected(Set.copyOf(lost));
        }
        found.forEach((redis, parts) -> receiver.connected(redis, Set.copyOf(parts)));
        waiters.wake();
    }

    /** Receives the events of one connection. */
    private final class LinkObserver implements ClusterConnection.Observer {
        private final NodeLinks.Link link;

        LinkObserver(NodeLinks.Link link) {
            this.link = link;
        }

        @Override
        public void connected(Redis redis) {
            synchronized (SlotNodes.this) {
                link.opened(time.nanos());
                assign(Set.of());
            }
        }

        @Override
        public void disconnected() {
            synchronized (SlotNodes.this) {
                link.ended();
                assign(Set.of());
            }
            reader.request();
        }

        @Override
        public void received(String channel, byte[] message) {
            Objects.requireNonNull(observer).received(channel, message);
        }

        @Override
        public void moved(String owner) {
            if (owner.startsWith(":") || owner.isEmpty()) { // Redis does not know the name
                reader.request();
            } else {
                reader.request(NodeAddress.parse(owner, ""));
            }
        }

        /** The part may have left this node and be back: the slots are read before it gets its connection again. */
        @Override
        public void unsubscribed(String channel) {
            int slot = connector.slot(channel);
            synchronized (SlotNodes.this) {
                for (int part = 0; part < PARTS; part++) {
                    Slots.Owner owner = owners[part];
                    if (slots[part] == slot
                            && owner != null
                            && links.connection(owner.address()) == link.connection()) {
                        unsubscribed.add(part);
                    }
                }
            }
        }
    }

    @Override
    public CompletionStage<Redis> next(int part, Redis moved) {
        reader.request();
        return waiters.add(part, moved);
    }

    @Override
    public void refused(int part, Throwable failure) {
        ClusterConnection link;
        synchronized (this) {
            Slots.Owner owner = owners[part];
            link = owner == null ? null : links.connection(owner.address());
        }
        if (link != null && !MovedException.is(failure)) {
            link.refused(failure);
        }
    }

    @Override
    public void tick() {
        List<ClusterConnection> unused;
        List<ClusterConnection> all;
        boolean isDue;
        synchronized (this) {
            long now = time.nanos();
            unused = links.removeUnused(used());
            all = links.all();
            isDue = holders.missing() > 0
                    || !unsubscribed.isEmpty()
                    || !waiters.isEmpty()
                    || now - readNanos >= REFRESH_NANOS;
            if (isDue) {
                readNanos = now;
            }
        }
        unused.forEach(ClusterConnection::close);
        all.forEach(ClusterConnection::tick);
        if (isDue) {
            reader.request();
        }
    }

    /** Called under this. Returns the nodes that have parts. */
    private Set<NodeAddress> used() {
        Set<NodeAddress> used = new HashSet<>();
        for (Slots.Owner owner : owners) {
            if (owner != null) {
                used.add(owner.address());
            }
        }
        return used;
    }

    private synchronized List<ClusterConnection> usedLinks() {
        return used().stream().map(links::connection).filter(Objects::nonNull).toList();
    }

    /** Returns the parts that are away. Calls connections, and therefore not under this. */
    private AwayParts away() {
        Map<NodeAddress, Integer> counts = new LinkedHashMap<>();
        Map<NodeAddress, ClusterConnection> connections = new HashMap<>();
        synchronized (this) {
            for (Slots.Owner owner : owners) {
                if (owner != null) {
                    counts.merge(owner.address(), 1, Integer::sum);
                    connections.computeIfAbsent(owner.address(), links::connection);
                }
            }
        }
        AwayParts away = new AwayParts();
        counts.forEach((node, count) -> {
            ClusterConnection connection = connections.get(node);
            away.add(node.toString(), count, connection == null ? "not connected yet" : connection.problem());
        });
        int unowned = PARTS - counts.values().stream().mapToInt(count -> count).sum();
        if (unowned > 0) {
            away.add("no node", unowned, reader.failure());
        }
        return away;
    }

    @Override
    public @Nullable Problem problem() {
        return away().problem();
    }

    @Override
    public int partsAway() {
        return away().count();
    }

    @Override
    public long lagNanos() {
        return usedLinks().stream().mapToLong(ClusterConnection::lagNanos).max().orElse(0);
    }

    @Override
    public void close() {
        List<ClusterConnection> all;
        synchronized (this) {
            isClosed = true;
            all = links.all();
        }
        reader.close();
        all.forEach(ClusterConnection::close);
        connector.close();
    }
}
