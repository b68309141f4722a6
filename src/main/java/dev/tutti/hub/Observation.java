package dev.tutti.hub;

import java.util.concurrent.Executor;

/** A {@link RoomListener} and the events that wait for it, until it is closed. Safe for any thread. */
public final class Observation implements AutoCloseable {
    /** A call of the listener. */
    private sealed interface Call {}

    private record Event(RoomEvent event) implements Call {}

    /** Events did not fit into the mailbox. */
    private record Dropped() implements Call {}

    private final Hub hub;
    private final Room room;
    private final RoomListener listener;
    private final Mailbox<Call> mailbox;

    // Guarded by the room.
    /** The last call in the mailbox is {@link Dropped}. */
    private boolean dropping;

    private boolean closed;

    Observation(Hub hub, Room room, RoomListener listener, Executor executor) {
        this.hub = hub;
        this.room = room;
        this.listener = listener;
        this.mailbox = new Mailbox<>(
                "a listener to room " + room.name(),
                new Calls(),
                executor,
                hub.time(),
                hub.budget(),
                hub.limits().maxRoomQueuedBytes());
    }

    /** Ends the observation: the listener is not called for events that still wait. Later calls do nothing. */
    @Override
    public void close() {
        synchronized (room) {
            if (closed) {
                return;
            }
            closed = true;
            mailbox.close();
            room.remove(this);
        }
        hub.rooms().release(room);
    }

    /** Posts an event, or drops it if the listener is too slow. The caller holds the room's monitor. */
    void post(RoomEvent event) {
        Mailbox.Offer offered = mailbox.offer(new Event(event));
        if (offered != Mailbox.Offer.REFUSED) {
            dropping = false;
        } else if (!dropping) {
            dropping = true;
            offered = mailbox.offer(new Dropped());
        }
        if (offered == Mailbox.Offer.WAKE) {
            mailbox.schedule();
        }
    }

    /** Tells the listener that events are missing here. The caller holds the room's monitor. */
    void postDropped() {
        dropping = true;
        if (mailbox.offer(new Dropped()) == Mailbox.Offer.WAKE) {
            mailbox.schedule();
        }
    }

    private void call(RoomEvent event) {
        if (event instanceof Publication publication) {
            listener.published(publication);
        } else if (event instanceof RoomEvent.MemberJoined joined) {
            listener.memberJoined(joined.member());
        } else if (event instanceof RoomEvent.PresenceChanged presence) {
            listener.presenceChanged(presence.member());
        } else if (event instanceof RoomEvent.MemberLeft left) {
            listener.memberLeft(left.member());
        }
    }

    /** Calls the listener, one call at a time. */
    private final class Calls implements Mailbox.Owner<Call> {
        @Override
        public int bytesOf(Call call) {
            return call instanceof Event event ? event.event.bytes() : 0;
        }

        @Override
        public void handle(Call call) {
            if (call instanceof Event event) {
                call(event.event);
            } else {
                listener.eventsDropped();
            }
        }

        @Override
        public void runEnded(long runNanos, long latencyNanos) {
            hub.metrics().listenerRunTook(runNanos);
        }
    }
}
