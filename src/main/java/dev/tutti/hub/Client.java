package dev.tutti.hub;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;

/** One connection: its protocol, its outbox and the rooms it is in. Safe for any thread. */
public final class Client implements Outbox.Owner {
    private static final Logger LOG = System.getLogger(Client.class.getName());

    private final Hub hub;
    private final String id;
    private final Protocol protocol;
    private final Outbox outbox;

    /** The rooms this client is in, by name; guarded by this. */
    private final Map<String, Room> rooms = new HashMap<>(2);
    /** The connection has ended, or is about to; guarded by this. */
    private boolean gone;

    Client(Hub hub, String id, Transport transport, Protocol protocol) {
        this.hub = hub;
        this.id = id;
        this.protocol = protocol;
        this.outbox = new Outbox(transport, hub.limits().maxQueuedBytes(), hub.nanoTime(), this);
    }

    /** Enters a room; nothing happens if the client is in it or gone. All that is published from here on is delivered. */
    public void join(String roomName) {
        Room room = hub.occupy(roomName);
        boolean entered;
        synchronized (this) {
            entered = !gone && rooms.putIfAbsent(roomName, room) == null;
            if (entered) {
                room.enter(this); // under the monitor, so that no leave can come before it
            }
        }
        if (!entered) {
            hub.vacate(room);
        }
    }

    /** Says something to everybody in a room, this client included; nothing happens if it is not in that room. */
    public void publish(String roomName, Publication publication) {
        Room room;
        synchronized (this) {
            room = rooms.get(roomName);
        }
        if (room != null) {
            room.publish(publication);
        }
    }

    /**
     * Closes the connection after what was said to it before; only the first call counts.
     *
     * @param reason what was wrong, for people; at most {@link CloseCode#MAX_REASON_BYTES} of UTF-8
     */
    public void close(CloseCode code, String reason) {
        leaveAll();
        outbox.close(code, reason);
    }

    /** The connection has ended: forgets this client. May be called any number of times. */
    public void disconnected() {
        leaveAll();
        outbox.discard();
    }

    @Override
    public void outboxEnded(String reason) {
        LOG.log(Level.DEBUG, "client {0} is dropped: {1}", id, reason);
        leaveAll();
    }

    @Override
    public String toString() {
        return id;
    }

    Protocol protocol() {
        return protocol;
    }

    void deliver(Batch batch) {
        outbox.offer(batch);
    }

    void expire(long maxSendNanos) {
        outbox.expire(maxSendNanos);
    }

    private void leaveAll() {
        Room[] left;
        synchronized (this) {
            if (gone) {
                return;
            }
            gone = true;
            left = rooms.values().toArray(Room[]::new);
            rooms.clear();
            for (Room room : left) {
                room.leave(this);
            }
        }
        for (Room room : left) {
            hub.vacate(room);
        }
        hub.forget(this);
    }
}
