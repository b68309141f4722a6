package dev.tutti.hub;

import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Some or all members of a room, and what is on its way to them.
 *
 * <p>Events wait in a {@link Mailbox}. The members belong to its run, which sends all that it has taken in one write for each member.
 */
final class RoomShard implements Mailbox.Owner<ShardEvent> {
    private static final Logger LOG = System.getLogger(RoomShard.class.getName());

    /** The bytes after which a run starts another batch, so that one batch stays well below a client's queue limit. */
    private static final int MAX_BATCH_BYTES = 128 * 1024;

    /**
     * The cost after which a run ends, in bytes that are written to clients: a few milliseconds of work. One event may cost more.
     */
    private static final long MAX_RUN_COST = 16L << 20;

    /** The cost of a byte of a reply, which is encoded for one client: so many times that of a byte that is written. */
    private static final int REPLY_COST = 8;

    /** What concerns one client, and before which of the notices of its run. */
    private record PositionedDirect(ShardEvent.Direct event, int at) {}

    private final Room room;
    private final int index;
    private final Mailbox<ShardEvent> mailbox;

    /** How many clients sit here, or are on their way; guarded by the room. */
    int references;

    // Confined to the run.
    /** Clients of each protocol: a notice is encoded once for all of them. */
    private final Map<Protocol, Set<Client>> members = new LinkedHashMap<>(2);
    /** This run's notices. */
    private final List<ShardEvent.Broadcast> told = new ArrayList<>();
    /** This run's events that concern one client. */
    private final List<PositionedDirect> directs = new ArrayList<>(0);
    /** The cost of {@link #endRun} for what this run has handled. */
    private long runCost;

    /** Makes an empty shard of a room; {@code index} is its place among the room's shards. */
    RoomShard(Room room, int index, Function<Mailbox.Owner<ShardEvent>, Mailbox<ShardEvent>> mailboxes) {
        this.room = room;
        this.index = index;
        this.mailbox = mailboxes.apply(this);
    }

    int index() {
        return index;
    }

    /** Returns the events on their way to this shard; the room's monitor gives them their order. */
    Mailbox<ShardEvent> mailbox() {
        return mailbox;
    }

    @Override
    public int bytesOf(ShardEvent event) {
        return event.waitingBytes();
    }

    /** Takes an event into the run. Encodes here, where time is limited, what {@link #endRun} sends. */
    @Override
    public void handle(ShardEvent event) {
        if (event instanceof ShardEvent.Broadcast broadcast) {
            for (Map.Entry<Protocol, Set<Client>> clients : members.entrySet()) {
                Frame frame = broadcast.frame(room.name(), clients.getKey());
                runCost += frame == null
                        ? 0
                        : (long) frame.wireBytes() * clients.getValue().size();
            }
            told.add(broadcast);
        } else if (event instanceof ShardEvent.Direct direct) {
            ShardEvent.Reply reply = direct.answer();
            runCost += reply == null ? 0 : (long) REPLY_COST * reply.bytes();
            directs.add(new PositionedDirect(direct, told.size()));
        }
    }

    @Override
    public boolean isRunFull() {
        return runCost >= MAX_RUN_COST;
    }

    @Override
    public void endRun() {
        try {
            Set<Client> apart = new LinkedHashSet<>();
            directs.forEach(direct -> apart.add(direct.event.client()));
            tellAll(apart);
            tellApart(apart);
        } finally {
            told.clear();
            directs.clear();
            runCost = 0;
        }
    }

    /** Tells everything to the members who are here from the run's beginning to its end, in shared batches. */
    private void tellAll(Set<Client> apart) {
        if (told.isEmpty()) {
            return;
        }
        members.forEach((protocol, clients) -> {
            for (Batch batch : batches(told, protocol)) {
                for (Client client : clients) {
                    if (apart.isEmpty() || !apart.contains(client)) {
                        send(client, batch);
                    }
                }
            }
        });
    }

    /** Who comes, goes or asks hears what is told while being there, no more and no less, and its answer in its place. */
    private void tellApart(Set<Client> apart) {
        Map<Client, Integer> next = new HashMap<>();
        for (PositionedDirect direct : directs) {
            Client client = direct.event.client();
            boolean goes = direct.event instanceof ShardEvent.Leave;
            ShardEvent.Reply answer = direct.event.answer();
            if (goes && answer != null) {
                room.left(client);
            }
            if (isMember(client) && (!goes || answer != null)) {
                tell(client, told.subList(next.getOrDefault(client, 0), direct.at));
            }
            next.put(client, direct.at);
            if (direct.event instanceof ShardEvent.Enter) {
                members.computeIfAbsent(client.protocol(), protocol -> new LinkedHashSet<>())
                        .add(client);
            } else if (goes) {
                remove(client);
            }
            if (answer != null) {
                answer(client, answer);
            }
        }
        for (Client client : apart) {
            if (isMember(client)) {
                tell(client, told.subList(next.getOrDefault(client, 0), told.size()));
            }
        }
    }

    private void tell(Client client, List<ShardEvent.Broadcast> told) {
        batches(told, client.protocol()).forEach(batch -> send(client, batch));
    }

    /** Sends; a client that cannot be sent something is closed, because it would miss it. */
    private void send(Client client, Batch batch) {
        try {
            client.send(batch);
        } catch (RuntimeException | Error e) {
            failed(client, e);
        }
    }

    private void answer(Client client, ShardEvent.Reply answer) {
        try {
            client.send(Batch.answer(answer.frame().get(), answer.bytes()));
        } catch (RuntimeException | Error e) {
            failed(client, e);
        }
    }

    private void failed(Client client, Throwable failure) {
        Faults.report(LOG, "client " + client.id() + " in room " + room.name() + " could not be sent to", failure);
        client.close(CloseCode.INTERNAL, "the server failed");
    }

    private boolean isMember(Client client) {
        Set<Client> clients = members.get(client.protocol());
        return clients != null && clients.contains(client);
    }

    private void remove(Client client) {
        Set<Client> clients = members.get(client.protocol());
        if (clients != null && clients.remove(client) && clients.isEmpty()) {
            members.remove(client.protocol());
        }
    }

    private List<Batch> batches(List<ShardEvent.Broadcast> told, Protocol protocol) {
        List<Batch> batches = new ArrayList<>(1);
        List<Frame> frames = new ArrayList<>(told.size());
        int bytes = 0;
        for (ShardEvent.Broadcast event : protocol.receivesPresence() ? withoutObsoleteStates(told) : told) {
            Frame frame = event.frame(room.name(), protocol);
            if (frame == null) {
                continue;
            }
            if (!frames.isEmpty() && bytes + frame.wireBytes() > MAX_BATCH_BYTES) {
                batches.add(Batch.of(frames));
                frames.clear();
                bytes = 0;
            }
            frames.add(frame);
            bytes += frame.wireBytes();
        }
        if (!frames.isEmpty()) {
            batches.add(Batch.of(frames));
        }
        return batches;
    }

    /** Leaves out the states that a later one of the same client follows. */
    private static List<ShardEvent.Broadcast> withoutObsoleteStates(List<ShardEvent.Broadcast> told) {
        if (told.size() == 1) {
            return told;
        }
        Set<String> shown = new HashSet<>();
        List<ShardEvent.Broadcast> left = new ArrayList<>(told.size());
        for (int i = told.size() - 1; i >= 0; i--) {
            ShardEvent.Broadcast event = told.get(i);
            if (!(event.notice() instanceof RoomEvent.PresenceChanged presence)
                    || shown.add(presence.member().client())) {
                left.add(event);
            }
        }
        Collections.reverse(left);
        return left;
    }
}
