package dev.tutti.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A room: its members, its log, and the one order of its events. Safe for any thread.
 *
 * <p>Each event gets its place in the order under the room's monitor, where it is posted to all {@link Shards}; so the room knows its
 * members and its publications at each point of that order. A shard delivers the events to its members on a thread of the executor.
 *
 * <p>To publish takes two steps: the {@link RoomLog} appends a publication, and then hands it to {@link #deliver} at its place in the log.
 */
final class Room implements RoomLog.Subscriber {
    /** Bytes of a reply besides the publications or members that it lists. */
    private static final int REPLY_OVERHEAD_BYTES = 256;

    private final String name;
    private final TimeSource time;
    private final Metrics metrics;

    // All below: guarded by this, and so is the order of the events in the mailboxes of the shards.
    private final Roster roster;
    private final Shards shards;
    private final RoomLog log;
    private final List<Observation> observations = new ArrayList<>(0);
    private final RoomNotifier notifier;
    private final PendingLeaves pendingLeaves = new PendingLeaves();

    /** Makes an empty room. */
    Room(String name, RoomLog.Factory logs, RoomContext context) {
        this.name = name;
        this.time = context.time();
        this.metrics = context.metrics();
        this.shards = context.shards(this);
        this.notifier = new RoomNotifier(name, context.events(), context.time());
        this.log = logs.open(name, this);
        SharedMembers shared = log.members();
        this.roster = shared == null
                ? new LocalRoster(context.limits().maxListedClients())
                : new SharedRoster(shared, context.budget());
    }

    String name() {
        return name;
    }

    /**
     * Adds a client behind all earlier events, and returns its shard.
     *
     * @param hasPresence whether the client is a member that the others see, and sees them; else it receives publications only
     * @param since the last publication that the client has received; null if it has received none
     * @param state as {@link Member#state}
     * @param reply makes the first frame that the client receives; null for none
     */
    RoomShard enter(
            Client client,
            boolean hasPresence,
            @Nullable Position since,
            @Nullable String state,
            @Nullable Function<JoinResult, Frame> reply) {
        RoomShard shard;
        ShardEvent.Reply joined;
        long idle;
        long nowNanos = time.nanos();
        synchronized (this) {
            RoomShard before = pendingLeaves.shard(client);
            shard = before == null ? shards.freest() : before;
            shard.clients++;
            Member member = hasPresence ? new Member(client.id(), client.user(), state) : null;
            if (member != null) {
                broadcast(roster.add(client, member));
            }
            notifier.entered(member);
            joined = reply == null ? null : joined(client, hasPresence, since, reply, nowNanos);
            shards.post(shard, new ShardEvent.Enter(client, hasPresence, joined));
            idle = shards.takeIdle();
        }
        shards.wake(idle);
        if (joined != null) {
            client.outbox().reserve(joined.bytes());
        }
        return shard;
    }

    private ShardEvent.Reply joined(
            Client client,
            boolean hasPresence,
            @Nullable Position since,
            Function<JoinResult, Frame> reply,
            long nowNanos) {
        log.trim(nowNanos);
        JoinResult result = log.joined(since, hasPresence ? roster.listFor(client) : Members.NONE);
        if (since != null) {
            metrics.recovery(result.recovered());
        }
        return new ShardEvent.Reply(() -> reply.apply(result), REPLY_OVERHEAD_BYTES + result.bytes());
    }

    /** Replies to a join of a client that is in the room, at this point of the room's order; otherwise as {@link #enter}. */
    void joined(Client client, RoomShard shard, @Nullable Position since, Function<JoinResult, Frame> reply) {
        respond(client, shard, () -> joined(client, roster.get(client) != null, since, reply, time.nanos()));
    }

    /**
     * Removes a client behind all earlier events.
     *
     * @param reply makes the last frame that the client receives; null if the client has ended
     */
    void leave(Client client, RoomShard shard, @Nullable Supplier<Frame> reply) {
        long idle;
        synchronized (this) {
            shard.clients--;
            ShardEvent.Reply last = null;
            if (reply != null) {
                last = new ShardEvent.Reply(reply, REPLY_OVERHEAD_BYTES);
                pendingLeaves.add(client, shard);
            }
            shards.post(shard, new ShardEvent.Leave(client, last));
            notifier.left(roster.get(client));
            broadcast(roster.remove(client));
            idle = shards.takeIdle();
        }
        shards.wake(idle);
        if (reply != null) {
            client.outbox().reserve(REPLY_OVERHEAD_BYTES);
        }
    }

    /** A shard has handled a leave with a reply. */
    synchronized void leaveHandled(Client client) {
        pendingLeaves.remove(client);
    }

    /**
     * Publishes to all members. A publication whose key is retained is not published again.
     *
     * @param from null for the application
     * @param key identifies this publication among those of the same user; null for none
     * @param wantsPosition whether the caller uses the position
     * @param mayRun whether this thread may also deliver the publication, if the room is small and quiet
     * @return as {@link RoomLog#append}
     * @throws LimitException if too much waits in the mailboxes of this room, or of all
     */
    CompletionStage<Position> publish(
            @Nullable Sender from, String data, @Nullable String key, boolean wantsPosition, boolean mayRun) {
        String fullKey = key == null ? null : (from == null ? "" : from.user()) + '\n' + key;
        long nowNanos = time.nanos();
        Draft draft = new Draft(time.millis(), from, data, fullKey, wantsPosition);
        CompletionStage<Position> appended;
        long idle;
        boolean isSmallAndQuiet;
        synchronized (this) {
            appended = log.append(draft, nowNanos);
            isSmallAndQuiet = shards.notePublished(data.length(), nowNanos);
            idle = shards.takeIdle();
        }
        if (mayRun && isSmallAndQuiet) {
            shards.run(idle);
        } else {
            shards.wake(idle);
        }
        return appended;
    }

    @Override
    public void requireRoom(int bytes) {
        shards.requireRoom(bytes);
    }

    @Override
    public void deliverToMembers(Publication publication) {
        broadcast(publication);
    }

    @Override
    public void notifyListeners(Publication publication) {
        notifier.published(publication);
    }

    @Override
    public boolean deliverMembers(MembersUpdate update) {
        return roster.deliver(update, this::broadcast);
    }

    @Override
    public void lost() {
        shards.post(new ShardEvent.Lost());
        observations.forEach(Observation::postDropped);
    }

    @Override
    public void wake() {
        long idle;
        synchronized (this) {
            idle = shards.takeIdle();
        }
        shards.wake(idle);
    }

    /**
     * Shows another state of a member; nothing happens if the client is no member.
     *
     * @throws LimitException if too much waits in the mailboxes of this room, or of all
     */
    void setState(Client client, @Nullable String state) {
        long idle;
        synchronized (this) {
            Member member = roster.withState(client, state);
            if (member == null) {
                return;
            }
            shards.requireRoom(member.bytes());
            broadcast(roster.replace(client, member));
            idle = shards.takeIdle();
        }
        shards.wake(idle);
    }

    /** Adds an observation, which receives all later events. */
    synchronized void add(Observation observation) {
        observations.add(observation);
        roster.addPresenceReceivers(1);
    }

    /** Removes an observation. */
    synchronized void remove(Observation observation) {
        observations.remove(observation);
        roster.addPresenceReceivers(-1);
    }

    /** Returns all members, however many. */
    synchronized List<Member> members() {
        return roster.all();
    }

    /** Returns the members at this point of the room's order, only counted if they are many. */
    synchronized Members listedMembers() {
        return roster.list();
    }

    /** Returns a page of the log at this point of the room's order. */
    HistoryPage history(Function<RoomLog, HistoryPage> query) {
        long nowNanos = time.nanos();
        synchronized (this) {
            log.trim(nowNanos);
            return query.apply(log);
        }
    }

    /** Returns how large and how busy the room is. */
    synchronized RoomUsage usage() {
        return notifier.usage(log.retained());
    }

    /** Deletes the retained publications. The offsets go on. */
    synchronized CompletionStage<?> deleteHistory() {
        return log.clear();
    }

    /** Prepares the log; see {@link RoomLog#prepare}. */
    synchronized @Nullable CompletionStage<?> prepare(@Nullable Position since) {
        return log.prepare(since);
    }

    /** Replies with the members at this point of the room's order. */
    void members(Client client, RoomShard shard, Function<Members, Frame> reply) {
        respond(client, shard, () -> {
            Members members = roster.listFor(client);
            return new ShardEvent.Reply(() -> reply.apply(members), REPLY_OVERHEAD_BYTES + members.bytes());
        });
    }

    /** Replies with a page of the log at this point of the room's order. */
    void history(
            Client client, RoomShard shard, Function<RoomLog, HistoryPage> query, Function<HistoryPage, Frame> reply) {
        long nowNanos = time.nanos();
        respond(client, shard, () -> {
            log.trim(nowNanos);
            HistoryPage page = query.apply(log);
            return new ShardEvent.Reply(() -> reply.apply(page), REPLY_OVERHEAD_BYTES + page.bytes());
        });
    }

    /** Replies to a client; {@code query} is called under the monitor. */
    private void respond(Client client, RoomShard shard, Supplier<ShardEvent.Reply> query) {
        ShardEvent.Reply reply;
        long idle;
        synchronized (this) {
            reply = query.get();
            shards.post(shard, new ShardEvent.Respond(client, reply));
            idle = shards.takeIdle();
        }
        shards.wake(idle);
        client.outbox().reserve(reply.bytes());
    }

    /** Handles a tick of the clock: drops old publications, and broadcasts the number of members of a crowded room if it has changed. */
    void tick(long nowNanos) {
        long idle;
        synchronized (this) {
            log.trim(nowNanos);
            notifier.tick(nowNanos);
            broadcast(roster.recount());
            idle = shards.takeIdle();
        }
        shards.wake(idle);
    }

    /**
     * Returns whether the room is needed without references: its log is, or replies to leaves wait in its mailboxes, which the next room of
     * the same name must not overtake.
     */
    synchronized boolean isNeeded() {
        return log.isNeeded() || !pendingLeaves.isEmpty();
    }

    /** Returns whether the room, though needed, may be removed to make place for another. */
    synchronized boolean isExpendable() {
        return log.isExpendable();
    }

    /** The hub has removed this room. */
    synchronized void close() {
        log.close();
        roster.close();
    }

    private void broadcast(@Nullable RoomEvent event) {
        if (event != null) {
            broadcast(event, null);
        }
    }

    private void broadcast(RoomEvent event, @Nullable Client except) {
        shards.post(new ShardEvent.Broadcast(event, except));
        for (Observation observation : observations) {
            observation.post(event);
        }
    }
}
