package dev.tutti.hub;

import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Some or all members of a room, and the mailbox with the events for them.
 *
 * <p>The members belong to the run of the mailbox. A run sends to each member all its events in one write.
 */
final class RoomShard implements Mailbox.Owner<ShardEvent> {
    private static final Logger LOG = System.getLogger(RoomShard.class.getName());

    /** Cost after which a run ends, in bytes that it writes to clients: a few milliseconds of work. A single event may cost more. */
    private static final long MAX_RUN_COST = 16L << 20;

    /** Cost of a byte of a reply, which is encoded for one client, relative to a byte that is only written. */
    private static final int REPLY_COST = 8;

    /** An event for one client, and how many of the run's broadcasts come before it. */
    private record PositionedDirect(ShardEvent.Direct event, int position) {}

    private final Room room;
    private final int index;
    private final Metrics metrics;
    private final Mailbox<ShardEvent> mailbox;

    /** Clients that are in this shard or whose {@link ShardEvent.Enter} waits; guarded by the room. */
    int clients;

    // Confined to the run.
    /** By protocol: a broadcast is encoded once for all members of a protocol. */
    private final Map<Protocol, Set<Client>> members = new LinkedHashMap<>(2);
    /** Clients without the right to presence, in this shard or entering it, and their protocol here. */
    private final Map<Client, Protocol> withoutPresence = new HashMap<>(0);
    /** The broadcasts of this run. */
    private final List<ShardEvent.Broadcast> broadcasts = new ArrayList<>();
    /** The events of this run that concern one client. */
    private final List<PositionedDirect> directs = new ArrayList<>(0);
    /** The cost of {@link #endRun} for the events that this run has handled. */
    private long runCost;

    /** Frames of broadcasts that this run has sent, one for each client, and their bytes on the wire. */
    private long sentFrames;

    private long sentBytes;

    /** The last run with publications sent several. Written by the run, read by any thread. */
    private volatile boolean busy;

    /** This run has sent publications. */
    private boolean hasDelivered;

    /** Makes an empty shard; {@code index} is its place among the room's {@link Shards}. */
    RoomShard(
            Room room, int index, Metrics metrics, Function<Mailbox.Owner<ShardEvent>, Mailbox<ShardEvent>> mailboxes) {
        this.room = room;
        this.index = index;
        this.metrics = metrics;
        this.mailbox = mailboxes.apply(this);
    }

    int index() {
        return index;
    }

    /** Returns the mailbox; events get their order under the room's monitor. */
    Mailbox<ShardEvent> mailbox() {
        return mailbox;
    }

    /** Returns whether the last run with publications sent several together. */
    boolean isBusy() {
        return busy;
    }

    @Override
    public int bytesOf(ShardEvent event) {
        return event.waitingBytes();
    }

    /** Takes an event into the run. Encodes broadcasts already here, within the time limit of a run; {@link #endRun} sends them. */
    @Override
    public void handle(ShardEvent event) {
        if (event instanceof ShardEvent.Broadcast broadcast) {
            for (Map.Entry<Protocol, Set<Client>> clients : members.entrySet()) {
                Frame frame = broadcast.frame(room.name(), clients.getKey());
                runCost += frame == null
                        ? 0
                        : (long) frame.wireBytes() * clients.getValue().size();
            }
            broadcasts.add(broadcast);
            if (broadcast.except() != null) {
                directs.add(new PositionedDirect(new ShardEvent.Skip(broadcast.except()), broadcasts.size()));
            }
        } else if (event instanceof ShardEvent.Direct direct) {
            ShardEvent.Reply reply = direct.reply();
            runCost += reply == null ? 0 : (long) REPLY_COST * reply.bytes();
            directs.add(new PositionedDirect(direct, broadcasts.size()));
        } else if (event instanceof ShardEvent.Lost) {
            endRun(); // messages before it are sent to those who leave
            removeAll();
        }
    }

    /** Asks all members to join again. They receive no later broadcasts, and then the reply of their leave. */
    private void removeAll() {
        List<Client> removed = members.values().stream().flatMap(Set::stream).toList();
        members.clear();
        removed.forEach(client -> client.memberships().remove(room, Removal.LOST));
    }

    @Override
    public boolean isRunFull() {
        return runCost >= MAX_RUN_COST;
    }

    @Override
    public void endRun() {
        try {
            Set<Client> individuals = new LinkedHashSet<>();
            directs.forEach(direct -> individuals.add(direct.event.client()));
            sendShared(individuals);
            sendIndividually(individuals);
        } finally {
            report();
            broadcasts.clear();
            directs.clear();
            runCost = 0;
        }
    }

    @Override
    public void runEnded(long runNanos, long latencyNanos) {
        metrics.roomRunTook(runNanos);
        if (hasDelivered) {
            hasDelivered = false;
            metrics.publishTook(latencyNanos);
        }
    }

    private void report() {
        int publications = 0;
        long bytes = 0;
        if (index == 0) { // every shard gets all publications
            for (ShardEvent.Broadcast broadcast : broadcasts) {
                if (broadcast.event() instanceof Publication publication) {
                    publications++;
                    bytes += publication.bytes();
                }
            }
        }
        if (publications > 0) {
            metrics.published(publications, bytes);
            busy = publications > 1;
        }
        if (sentFrames > 0) {
            metrics.sent(sentFrames, sentBytes);
            sentFrames = 0;
            sentBytes = 0;
        }
    }

    /** Sends all broadcasts in shared batches to the members without an event of their own in this run. */
    private void sendShared(Set<Client> individuals) {
        if (broadcasts.isEmpty()) {
            return;
        }
        members.forEach((protocol, clients) -> {
            RunBatches batches = RunBatches.of(room.name(), broadcasts, protocol);
            int recipients = 0;
            for (Batch batch : batches.list()) {
                recipients = 0;
                for (Client client : clients) {
                    if (individuals.isEmpty() || !individuals.contains(client)) {
                        deliver(client, batch);
                        recipients++;
                    }
                }
                countSent(batch, recipients);
            }
            countDelivered(protocol, (long) recipients * batches.publications());
        });
    }

    /** Sends to each client with events of its own the broadcasts between its entering and its leaving, and each reply in its place. */
    private void sendIndividually(Set<Client> individuals) {
        Map<Client, Integer> next = new HashMap<>();
        for (PositionedDirect direct : directs) {
            Client client = direct.event.client();
            boolean leaves = direct.event instanceof ShardEvent.Leave;
            ShardEvent.Reply reply = direct.event.reply();
            if (leaves && reply != null) {
                room.leaveHandled(client);
            }
            if (isMember(client) && (!leaves || reply != null)) {
                int end = direct.event instanceof ShardEvent.Skip ? direct.position - 1 : direct.position;
                send(client, broadcasts.subList(next.getOrDefault(client, 0), end));
            }
            next.put(client, direct.position);
            if (direct.event instanceof ShardEvent.Enter enter) {
                if (!enter.receivesPresence()) {
                    withoutPresence.put(client, new PublicationsOnly(client.protocol()));
                }
                members.computeIfAbsent(protocol(client), protocol -> new LinkedHashSet<>())
                        .add(client);
            } else if (leaves) {
                remove(client);
            }
            if (reply != null) {
                send(client, reply);
            }
        }
        for (Client client : individuals) {
            if (isMember(client)) {
                send(client, broadcasts.subList(next.getOrDefault(client, 0), broadcasts.size()));
            }
        }
    }

    private void send(Client client, List<ShardEvent.Broadcast> some) {
        RunBatches batches = RunBatches.of(room.name(), some, protocol(client));
        for (Batch batch : batches.list()) {
            deliver(client, batch);
            countSent(batch, 1);
        }
        countDelivered(client.protocol(), batches.publications());
    }

    /** Sends a shared batch; if that fails, the client would miss something, and is closed. */
    private void deliver(Client client, Batch batch) {
        try {
            client.deliver(batch);
        } catch (RuntimeException | Error e) {
            closeFailed(client, e);
        }
    }

    private void send(Client client, ShardEvent.Reply reply) {
        try {
            client.send(Batch.reply(reply.frame().get(), reply.bytes()));
        } catch (RuntimeException | Error e) {
            closeFailed(client, e);
        }
    }

    private void closeFailed(Client client, Throwable failure) {
        Faults.report(LOG, client.subject().withRoom(room.name()), "sending failed", failure);
        client.close(CloseCode.INTERNAL, "the server failed");
    }

    private void countSent(Batch batch, int recipients) {
        sentFrames += (long) recipients * batch.size();
        sentBytes += (long) recipients * batch.bytes();
    }

    private void countDelivered(Protocol protocol, long publications) {
        if (publications > 0) {
            metrics.delivered(protocol, publications);
            hasDelivered = true;
        }
    }

    private boolean isMember(Client client) {
        Set<Client> clients = members.get(protocol(client));
        return clients != null && clients.contains(client);
    }

    private Protocol protocol(Client client) {
        return withoutPresence.getOrDefault(client, client.protocol());
    }

    private void remove(Client client) {
        Protocol protocol = protocol(client);
        Set<Client> clients = members.get(protocol);
        if (clients != null && clients.remove(client) && clients.isEmpty()) {
            members.remove(protocol);
        }
        withoutPresence.remove(client);
    }
}
