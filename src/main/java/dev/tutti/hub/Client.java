package dev.tutti.hub;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One connection: its protocol, its outbox, the rooms it is in, and what it may do. Safe for any thread. */
public final class Client implements Outbox.Owner {
    private static final Logger LOG = System.getLogger(Client.class.getName());

    /** How much longer a send may take to a client that is not closed for being slow: it may be a page whose tab sleeps. */
    private static final int PATIENCE = 6;

    private final Hub hub;
    private final Sender sender;
    private final Protocol protocol;
    private final String address;
    private final Budget.Quota quota;
    private final Outbox outbox;

    private final Heartbeat heartbeat;

    // All below: guarded by this.
    private final RateLimit rate;
    /** Where it sits in each of its rooms. */
    private final Map<String, Subscription> subscriptions = new HashMap<>(2);
    /** How long the states are that it shows in its rooms. */
    private int stateBytes;
    /** What else it takes part in; null for nothing. */
    private @Nullable Attachment attachment;
    /** The connection has ended, or is about to. */
    private boolean gone;

    Client(Hub hub, Sender sender, Transport transport, Protocol protocol, String address) {
        Limits limits = hub.limits();
        this.hub = hub;
        this.sender = sender;
        this.protocol = protocol;
        this.address = address;
        this.quota = hub.budget().quota(limits.maxConnectionsPerAddress() == 0 ? "" : transport.quotaKey());
        this.outbox = new Outbox(transport, limits.maxQueuedBytes(), protocol.supportsCatchUp(), hub.budget(), this);
        this.heartbeat = new Heartbeat(hub.time());
        this.rate = new RateLimit(
                limits.maxMessagesPerSecond(),
                limits.maxMessageBurst(),
                hub.time().nanos());
    }

    /** Returns what tells this connection from all others, of this hub and any other. */
    public String id() {
        return sender.client();
    }

    /** Returns who is behind this connection. */
    public String user() {
        return sender.user();
    }

    /**
     * Enters a room; nothing happens if the client is in it or gone. All that is said from here on is delivered. If the room
     * is full, or one more room too many, the client is closed.
     *
     * @param roomName as {@link RoomName#isValid} wants it, or {@link Hub#BROADCAST_ROOM}
     */
    public void join(String roomName) {
        try {
            enter(roomName, null, null, null);
        } catch (LimitException e) {
            closeFor(e.breach());
        }
    }

    /**
     * Enters a room, and hears how it is there before all that happens from here on.
     *
     * @param roomName as {@link RoomName#isValid} wants it
     * @param since up to where the client has heard this room before; null if it has not
     * @param state what it shows of itself, as JSON text; null for nothing
     * @param answer makes what it hears first, on a thread of the hub
     * @return false if the client is in this room, or gone: then nothing happened
     * @throws LimitException if the room is full, or one more room too many, the state too long, or too many answers on their way
     */
    public boolean join(
            String roomName, @Nullable Position since, @Nullable String state, Function<JoinResult, Frame> answer) {
        requireFewAnswers();
        return enter(roomName, since, state, answer);
    }

    private boolean enter(
            String roomName,
            @Nullable Position since,
            @Nullable String state,
            @Nullable Function<JoinResult, Frame> answer) {
        Room room = hub.acquire(roomName);
        boolean entered = false;
        try {
            synchronized (this) {
                if (gone || subscriptions.containsKey(roomName)) {
                    return false;
                }
                int max = hub.limits().maxRoomsPerClient();
                if (max != 0 && subscriptions.size() >= max) {
                    throw new LimitException(LimitBreach.ROOMS_PER_CLIENT);
                }
                requireStateBytes(length(state));
                // under the monitor, so that no leave can come before it
                Subscription subscription = new Subscription(this, room, room.enter(this, since, state, answer));
                subscription.stateBytes = length(state);
                addStateBytes(subscription.stateBytes);
                subscriptions.put(roomName, subscription);
                entered = true;
            }
        } finally {
            if (!entered) {
                hub.release(room);
            }
        }
        return true;
    }

    /**
     * Leaves a room.
     *
     * @param answer makes the last that the client hears of it, on a thread of the hub
     * @return false if it is not in this room
     */
    public boolean leave(String roomName, Supplier<Frame> answer) {
        Subscription subscription;
        synchronized (this) {
            subscription = subscriptions.remove(roomName);
            if (subscription == null) {
                return false;
            }
            addStateBytes(-subscription.stateBytes);
            subscription.room().leave(this, subscription.shard(), answer);
        }
        hub.release(subscription.room());
        return true;
    }

    /** Returns the place in a room, null if the client is not there. */
    public synchronized @Nullable Subscription subscription(String roomName) {
        return subscriptions.get(roomName);
    }

    /**
     * Says something to everybody in a room, this client included; nothing happens if it is not in that room. If it says too
     * much, it is closed.
     *
     * @param data JSON text in one line of well-formed Unicode
     */
    public void publish(String roomName, String data) {
        if (!tryAcquirePermit()) {
            closeFor(LimitBreach.MESSAGE_RATE);
            return;
        }
        Subscription subscription = subscription(roomName);
        if (subscription != null) {
            try {
                subscription.publish(data, null);
            } catch (LimitException e) {
                closeFor(e.breach());
            }
        }
    }

    /** Counts a message of the peer; false if it is one too many a second. One that is gone is not told again. */
    public boolean tryAcquirePermit() {
        long now = hub.time().nanos();
        heartbeat.recordActivity(now);
        synchronized (this) {
            return gone || rate.tryAcquire(now);
        }
    }

    /** Counts that this client went over a limit, and was told so. */
    public void count(LimitBreach breach) {
        hub.breaches().count(breach);
    }

    /** Sends something to this client alone, after what was sent to it before. */
    public void send(Frame frame) {
        outbox.offer(Batch.of(List.of(frame)));
    }

    /** Sends frames to this client, after what was sent to it before. */
    public void send(Batch batch) {
        outbox.offer(batch);
    }

    /**
     * Sends this client what it asked for, after what was sent to it before. It counts apart, and is not dropped; whoever answers at length
     * looks at {@link #canAcceptReply} first.
     *
     * @param frames at least one
     */
    public void answer(List<Frame> frames) {
        answer(Batch.answer(frames));
    }

    /** As above; several clients may share a batch that {@link Batch#answer} made. */
    public void answer(Batch batch) {
        outbox.reserve(batch.reservedBytes());
        outbox.offer(batch);
    }

    /** Returns whether less than the limit is on its way of what this client asked for. */
    public boolean canAcceptReply() {
        return outbox.canReserve();
    }

    /** Lets something hear what becomes of this client; once, before anything is sent. */
    public void attach(Attachment attached) {
        boolean isGone;
        synchronized (this) {
            isGone = gone;
            attachment = attached;
        }
        if (isGone) {
            attached.gone();
        }
    }

    /** What is sent from here on is not dropped any more: the answer to {@link Attachment#drained}. */
    public void resume() {
        outbox.resume();
    }

    /** Returns whether all that was to be sent to this client has been sent. */
    public boolean isIdle() {
        return outbox.isIdle();
    }

    /** The peer gave a sign of life, such as the answer to a ping. */
    public void recordActivity() {
        heartbeat.recordActivity(hub.time().nanos());
    }

    /**
     * Closes the connection after what was said to it before; only the first call counts.
     *
     * @param reason what was wrong, for people; at most {@link CloseCode#MAX_REASON_BYTES} of UTF-8
     */
    public void close(CloseCode code, String reason) {
        leaveAll();
        closeOutbox(code, reason);
    }

    /** The connection has ended: forgets this client. May be called any number of times. */
    public void disconnected() {
        leaveAll();
        outbox.discard();
    }

    @Override
    public void limitBreached(LimitBreach breach) {
        hub.breaches().count(breach);
        leaveAll();
    }

    @Override
    public void outputPressure() {
        hub.onOutputPressure();
    }

    /** Closes this client at once: it holds more of the output budget than others. */
    void evict() {
        limitBreached(LimitBreach.MEMORY);
        outbox.abort(LimitBreach.MEMORY);
    }

    /** Returns the memory of the batches that wait for this client. */
    long heldBytes() {
        return outbox.heldBytes();
    }

    /** Returns the part of the memory budget that the connections of this client's address hold together. */
    public Budget.Quota quota() {
        return quota;
    }

    @Override
    public void sendFailed(Throwable failure) {
        LOG.log(Level.DEBUG, "client " + id() + " went away", failure);
        leaveAll();
    }

    @Override
    public void drained() {
        Attachment attached;
        synchronized (this) {
            attached = attachment;
        }
        if (attached != null) {
            attached.drained();
        }
    }

    @Override
    public String toString() {
        return id();
    }

    Sender sender() {
        return sender;
    }

    /** Returns where the connection comes from, empty if unknown. */
    String address() {
        return address;
    }

    Protocol protocol() {
        return protocol;
    }

    /** @throws LimitException if as much as may wait is on its way already, because the client asked for it */
    void requireFewAnswers() {
        if (!outbox.canReserve()) {
            throw new LimitException(LimitBreach.ANSWERS);
        }
    }

    /** Counts an answer that is on its way. */
    void reserve(int bytes) {
        outbox.reserve(bytes);
    }

    /** Counts what the client shows in a room. */
    synchronized void reserveState(Subscription subscription, @Nullable String state) {
        int more = length(state) - subscription.stateBytes;
        requireStateBytes(more);
        subscription.stateBytes += more;
        addStateBytes(more);
    }

    private void requireStateBytes(int more) {
        int max = hub.limits().maxStateBytes();
        if (max != 0 && more > 0 && stateBytes + more > max) {
            throw new LimitException(LimitBreach.STATE_BYTES);
        }
        if (more > 0 && !gone && !hub.budget().hasRoom(Budget.Share.INPUT, more)) {
            throw new LimitException(LimitBreach.MEMORY);
        }
    }

    /** Counts bytes of state; a client that is gone shows nothing. */
    private void addStateBytes(int more) {
        if (!gone) {
            stateBytes += more;
            hub.budget().reserve(Budget.Share.INPUT, more);
        }
    }

    private static int length(@Nullable String state) {
        return state == null ? 0 : Utf8Length.of(state);
    }

    /** Closes this client for a limit, after what was said to it before. */
    public void closeFor(LimitBreach breach) {
        limitBreached(breach);
        closeOutbox(breach.code(), breach.reason());
    }

    private void closeOutbox(CloseCode code, String reason) {
        outbox.close(code, reason);
        if (!outbox.hasEnded()) {
            hub.awaitEnd(this); // the close waits for a send, which has a time limit
        }
    }

    /** Gives up a send that takes too long; returns whether nothing more is sent to this client. */
    boolean expire(long nowNanos) {
        outbox.expire(nowNanos, hub.limits().maxSendNanos() * (protocol.supportsCatchUp() ? PATIENCE : 1));
        return outbox.hasEnded();
    }

    /** Does what is due by the clock: gives up a send that takes too long, and a peer that gives no sign of life. */
    void tick(long nowNanos) {
        expire(nowNanos);
        Limits limits = hub.limits();
        boolean receivesPresence = protocol.receivesPresence();
        if (heartbeat.isDead(
                nowNanos, outbox, limits.pingNanos(receivesPresence), limits.pongNanos(receivesPresence))) {
            limitBreached(LimitBreach.SILENCE);
            outbox.abort(LimitBreach.SILENCE);
        }
    }

    private void leaveAll() {
        Subscription[] left;
        Attachment attached;
        synchronized (this) {
            if (gone) {
                return;
            }
            addStateBytes(-stateBytes);
            gone = true;
            attached = attachment;
            left = subscriptions.values().toArray(Subscription[]::new);
            subscriptions.clear();
            for (Subscription subscription : left) {
                subscription.room().leave(this, subscription.shard(), null);
            }
        }
        for (Subscription subscription : left) {
            hub.release(subscription.room());
        }
        hub.forget(this);
        quota.close();
        if (attached != null) {
            attached.gone();
        }
    }
}
