package dev.tutti.hub;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;

/** One connection: its protocol, its outbox, the rooms it is in, and what it may do. Safe for any thread. */
public final class Client implements Outbox.Owner {
    private static final Logger LOG = System.getLogger(Client.class.getName());

    private final Hub hub;
    private final String id;
    private final Protocol protocol;
    private final String address;
    private final Outbox outbox;

    /** When the peer last gave a sign of life. */
    private volatile long heardAtNanos;

    // Confined to the clock: whether and when it last asked for one.
    private boolean pinged;
    private long pingedAtNanos;

    // All below: guarded by this.
    private final RateLimit rate;
    /** Where it sits in each of its rooms. */
    private final Map<String, Section> seats = new HashMap<>(2);
    /** The connection has ended, or is about to. */
    private boolean gone;

    Client(Hub hub, String id, Transport transport, Protocol protocol, String address) {
        Limits limits = hub.limits();
        this.hub = hub;
        this.id = id;
        this.protocol = protocol;
        this.address = address;
        this.outbox = new Outbox(transport, limits.maxQueuedBytes(), this);
        this.heardAtNanos = hub.nanoTime().getAsLong();
        this.rate = new RateLimit(limits.maxMessagesPerSecond(), limits.maxMessageBurst(), heardAtNanos);
    }

    /**
     * Enters a room; nothing happens if the client is in it or gone. All that is published from here on is delivered. If the room
     * is full, or one more room too many, the client is closed.
     *
     * @param roomName as {@link RoomName#isValid} wants it, or {@link Hub#EVERYBODY}
     */
    public void join(String roomName) {
        try {
            enter(hub.occupy(roomName));
        } catch (LimitException e) {
            refuse(e.refusal());
        }
    }

    private void enter(Room room) {
        boolean entered = false;
        try {
            synchronized (this) {
                if (gone || seats.containsKey(room.name())) {
                    return;
                }
                int max = hub.limits().maxRoomsPerClient();
                if (max != 0 && seats.size() >= max) {
                    throw new LimitException(Refusal.ROOMS_PER_CLIENT);
                }
                seats.put(room.name(), room.enter(this)); // under the monitor, so that no leave can come before it
                entered = true;
            }
        } finally {
            if (!entered) {
                hub.vacate(room);
            }
        }
    }

    /**
     * Says something to everybody in a room, this client included; nothing happens if it is not in that room. If it says too
     * much, it is closed.
     */
    public void publish(String roomName, Publication publication) {
        long now = hub.nanoTime().getAsLong();
        heardAtNanos = now;
        Section seat;
        boolean allowed;
        synchronized (this) {
            if (gone) {
                return;
            }
            allowed = rate.allow(now);
            seat = seats.get(roomName);
        }
        if (!allowed) {
            refuse(Refusal.MESSAGE_RATE);
        } else if (seat != null && !seat.room().publish(publication)) {
            refuse(Refusal.ROOM_QUEUE);
        }
    }

    /** The peer gave a sign of life, such as the answer to a ping. */
    public void heard() {
        heardAtNanos = hub.nanoTime().getAsLong();
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
    public void refused(Refusal refusal) {
        hub.refusals().count(refusal);
        leaveAll();
    }

    @Override
    public void broken(Throwable failure) {
        LOG.log(Level.DEBUG, "client " + id + " went away", failure);
        leaveAll();
    }

    @Override
    public String toString() {
        return id;
    }

    /** Returns where the connection comes from, empty if unknown. */
    String address() {
        return address;
    }

    Protocol protocol() {
        return protocol;
    }

    void deliver(Batch batch) {
        outbox.offer(batch);
    }

    /** Closes this client for a limit, after what was said to it before. */
    void refuse(Refusal refusal) {
        refused(refusal);
        closeOutbox(refusal.code(), refusal.reason());
    }

    private void closeOutbox(CloseCode code, String reason) {
        outbox.close(code, reason);
        if (!outbox.hasEnded()) {
            hub.awaitEnd(this); // the close waits for a send, which has a time limit
        }
    }

    /** Gives up a send that takes too long; returns whether nothing more is sent to this client. */
    boolean expire(long nowNanos) {
        outbox.expire(nowNanos, hub.limits().maxSendNanos());
        return outbox.hasEnded();
    }

    /** Does what is due by the clock: gives up a send that takes too long, and a peer that gives no sign of life. */
    void tick(long nowNanos) {
        expire(nowNanos);
        Limits limits = hub.limits();
        long heard = heardAtNanos;
        if (limits.pingSeconds() == 0 || nowNanos - heard < limits.pingNanos()) {
            return;
        }
        if (!pinged || heard - pingedAtNanos >= 0) {
            pingedAtNanos = nowNanos; // before the ping, whose answer may come before it returns
            pinged = outbox.ping();
        } else if (nowNanos - pingedAtNanos >= limits.pongNanos()) {
            refused(Refusal.SILENCE);
            outbox.abort(Refusal.SILENCE);
        }
    }

    private void leaveAll() {
        Section[] left;
        synchronized (this) {
            if (gone) {
                return;
            }
            gone = true;
            left = seats.values().toArray(Section[]::new);
            seats.clear();
            for (Section seat : left) {
                seat.room().leave(this, seat);
            }
        }
        for (Section seat : left) {
            hub.vacate(seat.room());
        }
        hub.forget(this);
    }
}
