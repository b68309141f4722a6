package dev.tutti.hub;

import dev.tutti.security.Access;
import dev.tutti.security.Action;
import dev.tutti.security.Rights;
import dev.tutti.security.UnavailableException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The subscriptions of one client, and the size of the states that it shows in their rooms. Safe for any thread. */
public final class Memberships {
    private final Hub hub;
    private final Client client;

    // All below: guarded by this.
    private final Map<String, Subscription> subscriptions = new HashMap<>(2);
    /** UTF-8 bytes of the client's states in all its rooms; reserved in {@link Budget.Share#INPUT}. */
    private int stateBytes;
    /** The client has ended: it joins no more rooms, and its states do not count. */
    private boolean closed;

    /** A join, with the parameters of {@link Memberships#join}. */
    private record Join(
            @Nullable Position since,
            @Nullable String state,
            @Nullable Function<JoinResult, Frame> reply,
            boolean isByServer) {}

    Memberships(Hub hub, Client client) {
        this.hub = hub;
        this.client = client;
    }

    /**
     * Begins to find out the client's rights in a room, and to bring the room's publications into memory, before {@link #join}.
     *
     * @param since as for {@link #join}
     * @return null if the client may join now; else a stage that completes, never with a failure, when it is worth another call
     * @throws LimitException if there is no memory for the publications, or too many clients wait for them
     * @throws dev.tutti.security.ForbiddenException if this user may not join the room
     * @throws UnavailableException if the rights are not known, or the publications cannot be read
     */
    public @Nullable CompletionStage<?> prepareJoin(String roomName, @Nullable Position since) {
        CompletionStage<?> unknown = client.access().prepareRoom(roomName);
        if (unknown != null || !hub.rooms().needPreparation()) {
            return unknown;
        }
        client.access().inRoom(roomName).require(Action.READ);
        return hub.rooms().prepare(roomName, since);
    }

    /**
     * Joins a room: the client receives the reply, and then all later events.
     *
     * @param roomName valid by {@link RoomName#isValid}, or {@link Hub#BROADCAST_ROOM}
     * @param since the last publication that the client has received of this room; null if it has received none
     * @param state presence state for the other members, as JSON text; null for none
     * @param reply encodes the reply, on a thread of the hub; null for none
     * @return false, and nothing happens, if the client is in the room or has ended; but the first time after {@link #joinByServer} it gets the reply
     * @throws LimitException if the room is full, the client is in too many rooms, its states are too long, or too many replies wait for it
     * @throws dev.tutti.security.ForbiddenException if this user may not join the room, or not show a state in it; then nothing happens
     * @throws UnavailableException if that is not known, or the room is not prepared; then nothing happens
     */
    public boolean join(
            String roomName,
            @Nullable Position since,
            @Nullable String state,
            @Nullable Function<JoinResult, Frame> reply) {
        if (join(roomName, new Join(since, state, reply, false))) {
            return true;
        }
        Subscription present = get(roomName);
        return present != null && reply != null && present.joinAfterServer(since, state, reply);
    }

    /**
     * Joins a room because the application wants it, and not the client; otherwise as {@link #join}.
     *
     * @param reply tells the client
     */
    boolean joinByServer(String roomName, Function<JoinResult, Frame> reply) {
        return join(roomName, new Join(null, null, reply, true));
    }

    private boolean join(String roomName, Join join) {
        client.outbox().requireFewReplies();
        long revision = client.rightsRevision();
        Rights rights = client.access().inRoom(roomName);
        rights.require(Action.READ);
        if (join.state != null) {
            rights.require(Action.PRESENCE);
        }
        UserUsage usage = client.usage().ofUser();
        if (usage != null) {
            usage.addRoom();
        }
        boolean joined = false;
        try {
            joined = enter(roomName, rights, join);
        } finally {
            if (!joined) {
                removeRoom();
            }
        }
        if (joined && revision != client.rightsRevision()) {
            // they changed during the join, and the change may have come before this subscription was listed
            var unused = client.reauthorize();
        }
        return joined;
    }

    /** Stops counting a room for the user. A client that is in rooms does not change its user. */
    private void removeRoom() {
        UserUsage usage = client.usage().ofUser();
        if (usage != null) {
            usage.removeRoom();
        }
    }

    private boolean enter(String roomName, Rights rights, Join join) {
        Room room = hub.rooms().acquire(roomName);
        boolean entered = false;
        try {
            if (hub.rooms().needPreparation() && room.prepare(join.since) != null) {
                throw new UnavailableException("the room has just left memory: join again");
            }
            entered = subscribe(room, rights, join);
        } finally {
            if (!entered) {
                hub.rooms().release(room);
            }
        }
        return entered;
    }

    /** Enters the room under the monitor, so that no leave can overtake it. */
    private synchronized boolean subscribe(Room room, Rights rights, Join join) {
        if (closed || subscriptions.containsKey(room.name())) {
            return false;
        }
        int max = hub.limits().maxRoomsPerClient();
        if (max != 0 && subscriptions.size() >= max) {
            throw new LimitException(LimitBreach.ROOMS_PER_CLIENT);
        }
        int bytes = length(join.state);
        requireStateBytes(bytes);
        RoomShard shard = room.enter(client, rights.include(Action.PRESENCE), join.since, join.state, join.reply);
        Subscription subscription = new Subscription(client, room, rights, shard, join.isByServer);
        subscription.stateBytes = bytes;
        addStateBytes(bytes);
        subscriptions.put(room.name(), subscription);
        hub.metrics().membersAdded(1);
        return true;
    }

    /**
     * Leaves a room.
     *
     * @param reply encodes the last frame that the client receives of the room, on a thread of the hub
     * @return false if the client is not in the room
     */
    public boolean leave(String roomName, Supplier<Frame> reply) {
        Subscription subscription;
        synchronized (this) {
            subscription = subscriptions.remove(roomName);
            if (subscription == null) {
                return false;
            }
            addStateBytes(-subscription.stateBytes);
            hub.metrics().membersAdded(-1);
            subscription.room().leave(client, subscription.shard(), reply);
        }
        hub.rooms().release(subscription.room());
        removeRoom();
        return true;
    }

    /**
     * Begins to find out the rights of an access in all rooms of the client, unless they are known. Called before {@link
     * Authentication#replace}.
     *
     * @return as {@link Access#prepareRoom}
     */
    public @Nullable CompletionStage<?> prepareRights(Access access) {
        return access.prepareRooms(present().stream()
                .map(subscription -> subscription.room().name())
                .toList());
    }

    private synchronized List<Subscription> present() {
        return List.copyOf(subscriptions.values());
    }

    /** Returns the number of rooms that the client is in. */
    synchronized int count() {
        return subscriptions.size();
    }

    /** Returns whether the client is in no room. */
    synchronized boolean isEmpty() {
        return subscriptions.isEmpty();
    }

    /** Takes the rights of each subscription anew; ends those that they do not allow, if need be by a close of the client. */
    void reauthorize() {
        for (Subscription subscription : present()) {
            switch (subscription.reauthorize()) {
                case STAYS -> {}
                case MUST_REENTER -> remove(subscription.room(), Removal.REJOIN);
                case MUST_LEAVE -> remove(subscription.room(), Removal.FORBIDDEN);
            }
        }
    }

    /** Ends the subscription to a room, if there is one. A client whose protocol has no message for it is closed. */
    void remove(Room room, Removal removal) {
        Subscription subscription = get(room.name());
        if (subscription == null || subscription.room() != room) {
            return;
        }
        Frame removed = client.protocol().removed(room.name(), removal);
        if (removed != null) {
            leave(room.name(), () -> removed);
        } else if (removal == Removal.FORBIDDEN) {
            client.close(CloseCode.FORBIDDEN, removal.reason());
        } else {
            client.close(CloseCode.GOING_AWAY, removal.reason() + ": connect again");
        }
    }

    /** Returns the subscription to a room, null if the client is not in it. */
    public synchronized @Nullable Subscription get(String roomName) {
        return subscriptions.get(roomName);
    }

    /**
     * Counts the state that a client is about to show in a room instead of the one before.
     *
     * @throws LimitException if all its states together are too long
     */
    synchronized void replaceState(Subscription subscription, @Nullable String state) {
        int more = length(state) - subscription.stateBytes;
        requireStateBytes(more);
        subscription.stateBytes += more;
        addStateBytes(more);
    }

    /** Ends all subscriptions without a reply; later calls do nothing. */
    void close() {
        Subscription[] ended;
        synchronized (this) {
            addStateBytes(-stateBytes);
            closed = true;
            ended = subscriptions.values().toArray(Subscription[]::new);
            subscriptions.clear();
            if (ended.length > 0) {
                hub.metrics().membersAdded(-ended.length);
            }
            for (Subscription subscription : ended) {
                subscription.room().leave(client, subscription.shard(), null);
            }
        }
        for (Subscription subscription : ended) {
            hub.rooms().release(subscription.room());
            removeRoom();
        }
    }

    private void requireStateBytes(int more) {
        int max = hub.limits().maxStateBytes();
        if (max != 0 && more > 0 && stateBytes + more > max) {
            throw new LimitException(LimitBreach.STATE_BYTES);
        }
        if (more > 0 && !closed && !hub.budget().hasRoom(Budget.Share.INPUT, more, stateBytes)) {
            throw new LimitException(LimitBreach.MEMORY);
        }
    }

    private void addStateBytes(int more) {
        if (!closed) {
            stateBytes += more;
            hub.budget().reserve(Budget.Share.INPUT, more);
        }
    }

    private static int length(@Nullable String state) {
        return state == null ? 0 : Utf8Length.of(state);
    }
}
