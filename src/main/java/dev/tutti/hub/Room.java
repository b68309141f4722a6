package dev.tutti.hub;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Clients who hear each other, in one order, and what was said lately. Safe for any thread.
 *
 * <p>A room says what comes after what; so it knows who was in it and what had been said at each point of that order. Its members sit in
 * {@link RoomShard}s: one while they are few, and with more of them up to one for each processor, so that a large room is reached sooner.
 * Every shard gets every notice, in the same order, and brings it to its members on a thread of the executor.
 */
final class Room {
    /** How many clients sit in the first shard before there is a second: fewer are reached sooner than a thread is woken. */
    static final int FIRST_SHARD_CLIENTS = 64;

    /** The most shards that a room can have. */
    static final int MAX_SHARDS = Long.SIZE;

    /** What an answer takes besides what it lists. */
    private static final int ANSWER_BYTES = 256;

    private final String name;
    private final Limits limits;
    private final Executor executor;
    private final int maxShards;
    private final TimeSource time;
    private final Budget budget;
    /** Bytes that all rooms together may remember. */
    private final long maxHistoryBytes;

    // Guarded by this, and so is what waits in each shard. The array itself is never written to.
    private final Roster roster;
    private final History history;
    private RoomShard[] shards;
    private final List<Observation> observations = new ArrayList<>(0);
    /** Clients whose {@link ShardEvent.Leave} waits in a shard: one that comes back meanwhile sits there again, behind it. */
    private final Map<Client, Leaving> leaving = new HashMap<>(2);
    /** The hub has forgotten this room: it remembers nothing any more. */
    private boolean forgotten;

    /** Where a client sat that has left, and how often it left since the shard last handled that. */
    private record Leaving(RoomShard shard, int count) {}

    /**
     * Makes an empty room.
     *
     * @param epoch another for each room that ever was
     * @param maxShards from 1 to {@link #MAX_SHARDS}
     */
    Room(String name, String epoch, Limits limits, Executor executor, int maxShards, TimeSource time, Budget budget) {
        this.name = name;
        this.limits = limits;
        this.executor = executor;
        this.maxShards = maxShards;
        this.time = time;
        this.budget = budget;
        this.maxHistoryBytes = maxHistoryBytes(limits, budget);
        this.roster = new Roster(limits.maxListedClients());
        this.history = new History(epoch, limits.history().of(name));
        this.shards = new RoomShard[] {new RoomShard(this, 0, this::mailbox)};
    }

    /** Returns the bytes that all rooms together may remember. */
    static long maxHistoryBytes(Limits limits, Budget budget) {
        long share = budget.limitBytes(Budget.Share.HISTORY);
        return limits.maxHistoryBytes() == 0 ? share : Math.min(share, limits.maxHistoryBytes());
    }

    private Mailbox<ShardEvent> mailbox(Mailbox.Owner<ShardEvent> owner) {
        return new Mailbox<>("room " + name, owner, executor, time, budget, limits.maxRoomQueuedBytes());
    }

    String name() {
        return name;
    }

    /**
     * Lets a client in, behind all that was said before, and returns where it sits.
     *
     * @param since up to where it has heard the room before; null if it has not
     * @param answer makes what it hears first; null for nothing
     */
    RoomShard enter(
            Client client,
            @Nullable Position since,
            @Nullable String state,
            @Nullable Function<JoinResult, Frame> answer) {
        RoomShard shard;
        RoomShard[] all;
        long idle;
        ShardEvent.Reply joined = null;
        long nowNanos = time.nanos();
        synchronized (this) {
            Leaving left = leaving.get(client);
            shard = left == null ? freest() : left.shard;
            shard.references++;
            all = shards;
            idle = tell(roster.add(client, new Member(client.id(), client.user(), state)));
            if (answer != null) {
                remember(history.trim(nowNanos));
                JoinResult found = history.joined(since, roster.list());
                joined = new ShardEvent.Reply(() -> answer.apply(found), ANSWER_BYTES + found.bytes());
            }
            idle |= add(shard, new ShardEvent.Enter(client, joined));
        }
        wake(all, idle);
        if (joined != null) {
            client.reserve(joined.bytes());
        }
        return shard;
    }

    /** Lets a client out, behind all that was said before; {@code answer} is the last that it hears, null for nothing. */
    void leave(Client client, RoomShard shard, @Nullable Supplier<Frame> answer) {
        RoomShard[] all;
        long idle;
        synchronized (this) {
            shard.references--;
            if (answer != null) { // else the client is gone
                Leaving before = leaving.get(client);
                leaving.put(client, new Leaving(shard, before == null ? 1 : before.count + 1));
            }
            all = shards;
            ShardEvent.Reply last = answer == null ? null : new ShardEvent.Reply(answer, ANSWER_BYTES);
            idle = add(shard, new ShardEvent.Leave(client, last)) | tell(roster.remove(client));
        }
        wake(all, idle);
        if (answer != null) {
            client.reserve(ANSWER_BYTES);
        }
    }

    /** A shard has answered a client that left. */
    synchronized void left(Client client) {
        leaving.computeIfPresent(
                client, (key, left) -> left.count == 1 ? null : new Leaving(left.shard, left.count - 1));
    }

    /**
     * Says something to all members, or nothing if it was said before under this key and is remembered.
     *
     * @param key with what is the user's, tells this publication from all others; null for none
     * @return the position of what was said
     * @throws LimitException if too much waits already
     */
    Position publish(@Nullable Sender from, String data, @Nullable String key) {
        String fullKey = key == null ? null : (from == null ? "" : from.user()) + '\n' + key;
        long nowNanos = time.nanos();
        long nowMillis = time.millis();
        Position position;
        RoomShard[] all;
        long idle;
        synchronized (this) {
            Publication said = fullKey == null ? null : history.find(fullKey, nowNanos);
            if (said != null) {
                return history.position(said);
            }
            Publication publication = new Publication(history.next(), nowMillis, from, data);
            requireRoom(publication);
            position = new Position(history.position().epoch(), publication.offset());
            if (!forgotten) { // a publisher may leave meanwhile, as the last of all
                remember(history.add(publication, fullKey, nowNanos));
            }
            all = shards;
            idle = tell(publication);
        }
        wake(all, idle);
        if (remembersTooMuch()) {
            forgetEarliest();
        }
        return position;
    }

    /**
     * Shows another state of a member; nothing happens if it is gone.
     *
     * @throws LimitException if too much waits already
     */
    void setState(Client client, @Nullable String state) {
        RoomShard[] all;
        long idle;
        synchronized (this) {
            Member member = roster.withState(client, state);
            if (member == null) {
                return;
            }
            requireRoom(new RoomEvent.PresenceChanged(member));
            all = shards;
            idle = tell(roster.replace(client, member));
        }
        wake(all, idle);
    }

    /** Lets an application listen, from here on. */
    synchronized void add(Observation observation) {
        observations.add(observation);
        roster.hear(1);
    }

    /** Lets an application listen no more. */
    synchronized void remove(Observation observation) {
        observations.remove(observation);
        roster.hear(-1);
    }

    /** Returns everybody who is here, however many. */
    synchronized List<Member> members() {
        return roster.all();
    }

    /** Answers who is here, at this point of the room's order. */
    void members(Client client, RoomShard shard, Function<Members, Frame> answer) {
        ask(client, shard, () -> {
            Members members = roster.list();
            return new ShardEvent.Reply(() -> answer.apply(members), ANSWER_BYTES + members.bytes());
        });
    }

    /** Answers what was said, as {@code page} finds it in the history. */
    void history(
            Client client, RoomShard shard, Function<History, HistoryPage> page, Function<HistoryPage, Frame> answer) {
        long nowNanos = time.nanos();
        ask(client, shard, () -> {
            remember(history.trim(nowNanos));
            HistoryPage found = page.apply(history);
            return new ShardEvent.Reply(() -> answer.apply(found), ANSWER_BYTES + found.bytes());
        });
    }

    /** Answers at this point of the room's order; {@code find} is called under the monitor. */
    private void ask(Client client, RoomShard shard, Supplier<ShardEvent.Reply> find) {
        ShardEvent.Reply answer;
        RoomShard[] all;
        long idle;
        synchronized (this) {
            answer = find.get();
            all = shards;
            idle = add(shard, new ShardEvent.Respond(client, answer));
        }
        wake(all, idle);
        client.reserve(answer.bytes());
    }

    /** Does what is due by the clock: forgets what is too old, and tells those how many they are who are only counted. */
    void tick(long nowNanos) {
        RoomShard[] all;
        long idle;
        synchronized (this) {
            remember(history.trim(nowNanos));
            all = shards;
            idle = tell(roster.recount());
        }
        wake(all, idle);
    }

    /**
     * Returns whether the room is needed although it is empty: it remembers publications, or clients wait for the answer to their leaving,
     * which the next room of this name must not overtake.
     */
    synchronized boolean isNeeded() {
        return !history.isEmpty() || !leaving.isEmpty();
    }

    /** The hub has forgotten this room: forgets all that was said, now and from here on. */
    synchronized void forget() {
        forgotten = true;
        remember(history.clear());
    }

    /** Counts bytes that the history has gained, or lost if negative. */
    private void remember(long bytes) {
        budget.reserve(Budget.Share.HISTORY, bytes);
    }

    private boolean remembersTooMuch() {
        return budget.usedBytes(Budget.Share.HISTORY) > maxHistoryBytes;
    }

    /** Forgets so much that all rooms together remember no more than they may, or this one nothing. */
    private synchronized void forgetEarliest() {
        while (!history.isEmpty() && remembersTooMuch()) {
            remember(history.dropEarliest());
        }
    }

    private void requireRoom(RoomEvent notice) {
        for (RoomShard shard : shards) {
            if (!shard.mailbox().hasRoom(notice.bytes())) {
                throw new LimitException(LimitBreach.ROOM_QUEUE);
            }
            if (!shard.mailbox().hasMemory(notice.bytes())) {
                throw new LimitException(LimitBreach.MEMORY);
            }
        }
    }

    /** Puts a notice into all inboxes; returns a bit for each shard that has to be woken, once the monitor is left. */
    private long tell(@Nullable RoomEvent notice) {
        if (notice == null) {
            return 0;
        }
        ShardEvent event = new ShardEvent.Broadcast(notice);
        long idle = 0;
        for (RoomShard shard : shards) {
            idle |= add(shard, event);
        }
        for (Observation observation : observations) {
            observation.add(notice);
        }
        return idle;
    }

    private static long add(RoomShard shard, ShardEvent event) {
        return shard.mailbox().add(event) ? 1L << shard.index() : 0;
    }

    private static void wake(RoomShard[] all, long idle) {
        for (long left = idle; left != 0; left &= left - 1) {
            all[Long.numberOfTrailingZeros(left)].mailbox().schedule();
        }
    }

    /** Returns the shard that the next client sits in; the shards of a large room have about the same size. */
    private RoomShard freest() {
        RoomShard[] all = shards;
        RoomShard freest = all[0];
        for (RoomShard shard : all) {
            freest = shard.references < freest.references ? shard : freest;
        }
        if (freest.references >= FIRST_SHARD_CLIENTS && all.length < maxShards) {
            freest = new RoomShard(this, all.length, this::mailbox);
            RoomShard[] more = Arrays.copyOf(all, all.length + 1);
            more[all.length] = freest;
            shards = more;
        }
        return freest;
    }
}
