package dev.tutti.hub;

import dev.tutti.security.Action;
import dev.tutti.security.Rights;
import dev.tutti.security.UnavailableException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A client's membership in a room, until it leaves. Safe for any thread; no method blocks. The calls of one thread take effect in their order.
 *
 * <p>A reply is encoded on a thread of the hub, and sent at its point of the room's order: it reflects everything that the client has
 * received before, and nothing that it receives later.
 *
 * <p>Each method that needs a right first asks the client's rights in the room, and throws {@link
 * dev.tutti.security.ForbiddenException} without it.
 */
public final class Subscription {
    private final Client client;
    private final Room room;
    private final RoomShard shard;
    /** Written under this. */
    private volatile Rights rights;
    /** The server has made this, and the client has not joined since. Written by the client's thread. */
    private volatile boolean isByServer;

    /** UTF-8 bytes of the state that the client shows in this room; guarded by the client's {@link Memberships}. */
    int stateBytes;

    Subscription(Client client, Room room, Rights rights, RoomShard shard, boolean isByServer) {
        this.client = client;
        this.room = room;
        this.shard = shard;
        this.rights = rights;
        this.isByServer = isByServer;
    }

    /**
     * Replies to the first join of a client that the server has subscribed: the client goes on in the room, with its own state.
     *
     * @return false, and nothing happens, if the client has joined itself
     * @throws LimitException if its states are too long, or too much waits in this room
     */
    boolean joinAfterServer(@Nullable Position since, @Nullable String state, Function<JoinResult, Frame> reply) {
        if (!isByServer) {
            return false;
        }
        if (state != null) {
            setState(state);
        }
        isByServer = false;
        room.joined(client, shard, since, reply);
        return true;
    }

    /**
     * Publishes to all members of the room, this client included. The room publishes a key of a user once, as long as it retains that
     * publication.
     *
     * @param data JSON text in one line of well-formed Unicode
     * @param key null for none
     * @param isAlone whether no other publication of the client follows at once, with which a run could deliver this one
     * @return the position of the publication with this key. The stage completes, maybe before this returns, when the room's log has stored
     *     the publication, and fails if the log could not; members may receive the publication earlier or later
     * @throws LimitException if too much waits in this room; then nothing is published
     */
    public CompletionStage<Position> publish(String data, @Nullable String key, boolean isAlone) {
        rights.require(Action.WRITE);
        return room.publish(client.sender(), data, key, true, isAlone);
    }

    /** As {@link #publish}, for protocols without acknowledgements: costs less than a position that nobody uses. */
    public void publishUnacknowledged(String data) {
        rights.require(Action.WRITE);
        room.publish(client.sender(), data, null, false, true);
    }

    /**
     * Shows a state to all members of the room, this client included; of states that follow each other quickly, clients receive the last.
     *
     * @param state JSON text in one line of well-formed Unicode; null for none
     * @throws LimitException if all states of this client together are too long, or too much waits in this room
     */
    public void setState(@Nullable String state) {
        rights.require(Action.PRESENCE);
        client.memberships().replaceState(this, state);
        room.setState(client, state);
    }

    /**
     * Requests the members of the room.
     *
     * @param reply encodes the reply, on a thread of the hub
     * @throws LimitException if too many replies wait for this client
     */
    public void members(Function<Members, Frame> reply) {
        rights.require(Action.PRESENCE);
        client.outbox().requireFewReplies();
        room.members(client, shard, reply);
    }

    /**
     * Requests the publications right after a position.
     *
     * @param max number of publications, from 1
     * @param reply encodes the reply, on a thread of the hub
     * @throws LimitException if too many replies wait for this client
     */
    public void since(Position since, int max, Function<HistoryPage, Frame> reply) {
        history(log -> log.since(since, max), reply);
    }

    /** Requests the publications right before a position; otherwise as {@link #since}. */
    public void before(Position before, int max, Function<HistoryPage, Frame> reply) {
        history(log -> log.before(before, max), reply);
    }

    /** Requests the latest publications; otherwise as {@link #since}. */
    public void latest(int max, Function<HistoryPage, Frame> reply) {
        history(log -> log.latest(max), reply);
    }

    private void history(Function<RoomLog, HistoryPage> query, Function<HistoryPage, Frame> reply) {
        rights.require(Action.READ);
        client.outbox().requireFewReplies();
        room.history(client, shard, query, reply);
    }

    /**
     * Takes the client's rights in the room anew. It asks for them under the lock, so that of several calls at the same time the last one has the
     * last word.
     *
     * @return whether the client may stay; if not, the caller ends this subscription
     */
    synchronized Rights.Change reauthorize() {
        try {
            Rights next = client.access().inRoom(room.name());
            Rights.Change change = rights.changeTo(next);
            rights = next;
            return change;
        } catch (UnavailableException e) {
            return Rights.Change.MUST_REENTER;
        }
    }

    Room room() {
        return room;
    }

    RoomShard shard() {
        return shard;
    }
}
