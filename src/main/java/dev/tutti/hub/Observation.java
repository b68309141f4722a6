package dev.tutti.hub;

import java.util.concurrent.Executor;

/** A {@link RoomListener} and what it has not been told yet; ends when it is closed. Safe for any thread. */
public final class Observation implements AutoCloseable {
    /** What the listener hears. */
    private sealed interface Event {}

    private record Heard(RoomEvent notice) implements Event {}

    /** Notices did not fit. */
    private record Missed() implements Event {}

    private final Hub hub;
    private final Room room;
    private final RoomListener listener;
    private final Mailbox<Event> mailbox;

    // Guarded by the room.
    /** The last event in the mailbox says that the listener misses something. */
    private boolean misses;

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

    /** Stops listening: the listener hears nothing more of what waits. Only the first call counts. */
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
        hub.release(room);
    }

    /** Takes a notice from the caller, who has the room's monitor. A listener that is too slow misses what does not fit. */
    void add(RoomEvent notice) {
        Mailbox.Offer offered = mailbox.offer(new Heard(notice));
        if (offered != Mailbox.Offer.REFUSED) {
            misses = false;
        } else if (!misses) {
            misses = true;
            offered = mailbox.offer(new Missed());
        }
        if (offered == Mailbox.Offer.WAKE) {
            mailbox.schedule();
        }
    }

    private void tell(RoomEvent notice) {
        if (notice instanceof Publication publication) {
            listener.said(publication);
        } else if (notice instanceof RoomEvent.MemberJoined entered) {
            listener.entered(entered.member());
        } else if (notice instanceof RoomEvent.PresenceChanged presence) {
            listener.changed(presence.member());
        } else if (notice instanceof RoomEvent.MemberLeft left) {
            listener.left(left.member());
        }
    }

    /** Calls the listener, one call at a time. */
    private final class Calls implements Mailbox.Owner<Event> {
        @Override
        public int bytesOf(Event event) {
            return event instanceof Heard heard ? heard.notice.bytes() : 0;
        }

        @Override
        public void handle(Event event) {
            if (event instanceof Heard heard) {
                tell(heard.notice);
            } else {
                listener.missed();
            }
        }
    }
}
