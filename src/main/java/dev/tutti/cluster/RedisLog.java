package dev.tutti.cluster;

import dev.tutti.hub.Draft;
import dev.tutti.hub.HistoryPage;
import dev.tutti.hub.HistoryRule;
import dev.tutti.hub.JoinResult;
import dev.tutti.hub.Member;
import dev.tutti.hub.Members;
import dev.tutti.hub.MembersUpdate;
import dev.tutti.hub.Position;
import dev.tutti.hub.Publication;
import dev.tutti.hub.RoomLog;
import dev.tutti.hub.RoomLogs;
import dev.tutti.hub.SharedMembers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The log of a room that several servers share. Redis decides the order and retains the publications; reads and joins are answered from a copy on this
 * server, which follows the room's channel. Guarded by its room.
 */
final class RedisLog implements RoomLog {
    /** How long a room without references stays: its next client need not wait. */
    static final long LINGER_NANOS = 10_000_000_000L;

    /** The most bytes of members that are listed: larger rooms are counted. */
    static final long MAX_LIST_BYTES = 4 << 20;

    /** The most members that are listed, also without the limit of {@link dev.tutti.hub.Limits#maxListedClients}. */
    private static final int MAX_LISTED = 10_000;

    /** As in the scripts: how long the position of a quiet room is kept beyond its history. */
    private static final long SPARE_MILLIS = 600_000;

    /** After a read that Redis has refused, clients must wait for so long. */
    static final long REFUSAL_NANOS = 1_000_000_000L;

    private static final long MILLIS = 1_000;

    /** Requests for this log that another thread carries out. Called with the room's monitor, and must not block. */
    interface Requests {
        /** Subscribes to the room's channel, and then reads the messages after {@link #position}. */
        void read(RedisLog log);

        /** Appends a publication; see {@link RoomLog#append}. */
        CompletionStage<Position> append(RedisLog log, Draft draft);

        /** Changes a member of the room; see {@link SharedMembers}. */
        void change(RedisLog log, MembersUpdate.Change change);

        /** Deletes the history in Redis. */
        CompletionStage<?> clear(RedisLog log);

        /** The log is closed: the subscription may end. */
        void closed(RedisLog log);

        /** Returns whether the log's part has a connection. */
        boolean isConnected(RedisLog log);
    }

    private final RoomKeys keys;
    private final HistoryRule rule;
    private final RoomLogs.Context context;
    private final Requests requests;
    private final Subscriber subscriber;
    private final LocalCopy copy;
    private final RoomFollower follower;
    private final SoughtPositions sought;
    private long lastUseNanos;
    /** No client causes a read before. */
    private long nextReadNanos;

    RedisLog(
            String room,
            RoomKeys keys,
            RoomLogs.Context context,
            ClusterMetrics metrics,
            Requests requests,
            Subscriber subscriber) {
        this.keys = keys;
        this.rule = context.limits().history().of(room);
        this.context = context;
        this.requests = requests;
        this.subscriber = subscriber;
        this.copy = new LocalCopy(rule, context);
        this.follower = new RoomFollower(subscriber, copy, metrics, context.executor(), () -> requests.read(this));
        this.sought = new SoughtPositions(follower, copy);
        this.lastUseNanos = context.time().nanos();
        this.nextReadNanos = lastUseNanos;
    }

    RoomKeys keys() {
        return keys;
    }

    HistoryRule rule() {
        return rule;
    }

    long maxAgeMillis() {
        return rule.seconds() * MILLIS;
    }

    /** Returns for how long the room is kept in Redis after its last use. */
    long keptMillis() {
        return maxAgeMillis() + SPARE_MILLIS;
    }

    /** Returns up to how many members are listed. */
    int maxListed() {
        int max = context.limits().maxListedClients();
        return max == 0 ? MAX_LISTED : Math.min(max, MAX_LISTED);
    }

    /** Returns an epoch that no log has had. */
    String newEpoch() {
        return context.epochs().get();
    }

    /** Returns the part that receives messages from Redis. */
    RoomFollower follower() {
        return follower;
    }

    /** Returns the position of the last publication here; of an epoch that does not exist if none was read. Takes the room's monitor. */
    Position position() {
        synchronized (subscriber) {
            return copy.history().position();
        }
    }

    /** Redis has refused a read, or its answer cannot be read: callers would repeat it in a loop. Takes the room's monitor. */
    void readRefused() {
        synchronized (subscriber) {
            nextReadNanos = context.time().nanos() + REFUSAL_NANOS;
        }
        follower.disconnected();
    }

    /** This server's own publication is in the log. Takes the room's monitor. */
    void appended(Draft draft, long offset) {
        synchronized (subscriber) {
            subscriber.notifyListeners(draft.at(offset));
        }
    }

    @Override
    public @Nullable CompletionStage<?> prepare(@Nullable Position since) {
        lastUseNanos = context.time().nanos();
        if (follower.isLoaded() && (since == null || !sought.isAhead(since))) {
            return null;
        }
        if (!requests.isConnected(this) || lastUseNanos - nextReadNanos < 0) {
            throw Away.toRead();
        }
        return follower.load();
    }

    @Override
    public SharedMembers members() {
        return new SharedMembers() {
            @Override
            public void put(Member member) {
                requests.change(RedisLog.this, new MembersUpdate.Put(member));
            }

            @Override
            public void remove(String client) {
                requests.change(RedisLog.this, new MembersUpdate.Removed(client));
            }
        };
    }

    @Override
    public CompletionStage<Position> append(Draft draft, long nowNanos) {
        Publication retained = draft.key() == null ? null : copy.history().find(draft.key(), nowNanos);
        if (retained != null) {
            return CompletableFuture.completedFuture(copy.history().position(retained));
        }
        subscriber.requireRoom(draft.bytes());
        return requests.append(this, draft);
    }

    @Override
    public JoinResult joined(@Nullable Position since, Members members) {
        return copy.history().joined(since, members);
    }

    @Override
    public HistoryPage since(Position since, int max) {
        return copy.history().since(since, max);
    }

    @Override
    public HistoryPage before(Position before, int max) {
        return copy.history().before(before, max);
    }

    @Override
    public HistoryPage latest(int max) {
        return copy.history().latest(max);
    }

    @Override
    public void trim(long nowNanos) {
        copy.trim(nowNanos);
    }

    @Override
    public CompletionStage<?> clear() {
        if (!requests.isConnected(this)) {
            return CompletableFuture.failedFuture(Away.toAppend());
        }
        copy.clear();
        return requests.clear(this);
    }

    @Override
    public int retained() {
        return copy.history().size();
    }

    @Override
    public boolean isEmpty() {
        return copy.history().isEmpty();
    }

    @Override
    public boolean isNeeded() {
        return follower.isLoading() || context.time().nanos() - lastUseNanos < LINGER_NANOS;
    }

    @Override
    public boolean isExpendable() {
        return !follower.isLoading();
    }

    @Override
    public void close() {
        follower.close();
        copy.clear();
        requests.closed(this);
    }
}
