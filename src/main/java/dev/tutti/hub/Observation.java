package dev.tutti.hub;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** A {@link RoomListener} and what it has not been told yet; ends when it is closed. Safe for any thread. */
public final class Observation implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Observation.class.getName());

    private final Hub hub;
    private final Room room;
    private final RoomListener listener;
    private final Executor executor;
    private final long maxQueuedBytes;

    // Guarded by the room.
    private List<Notice> inbox = new ArrayList<>();
    private long inboxBytes;
    private boolean hasMissed;
    private boolean scheduled;
    private boolean closed;

    Observation(Hub hub, Room room, RoomListener listener, Executor executor) {
        this.hub = hub;
        this.room = room;
        this.listener = listener;
        this.executor = executor;
        this.maxQueuedBytes = hub.limits().maxRoomQueuedBytes();
    }

    /** Stops listening: what has not been told yet is not told any more. Only the first call counts. */
    @Override
    public void close() {
        synchronized (room) {
            if (closed) {
                return;
            }
            closed = true;
            inbox = List.of();
            room.remove(this);
        }
        hub.vacate(room);
    }

    /** Takes what is to be told, from the caller, who has the room's monitor. A listener that is too slow loses what waits. */
    void add(Notice notice) {
        if (maxQueuedBytes != 0 && inboxBytes + notice.bytes() > maxQueuedBytes) {
            inbox.clear();
            inboxBytes = 0;
            hasMissed = true;
        }
        inbox.add(notice);
        inboxBytes += notice.bytes();
        if (!scheduled) {
            scheduled = true;
            executor.execute(this::run);
        }
    }

    /** One run: tells all that waits. There is one at a time. */
    private void run() {
        List<Notice> notices;
        boolean missed;
        synchronized (room) {
            notices = inbox;
            missed = hasMissed;
            if (!closed) {
                inbox = new ArrayList<>();
            }
            inboxBytes = 0;
            hasMissed = false;
        }
        if (missed) {
            tell(listener::missed);
        }
        for (Notice notice : notices) {
            tell(() -> tell(notice));
        }
        synchronized (room) {
            if (inbox.isEmpty()) {
                scheduled = false;
                return;
            }
        }
        executor.execute(this::run);
    }

    private void tell(Notice notice) {
        if (notice instanceof Publication publication) {
            listener.said(publication);
        } else if (notice instanceof Notice.Entered entered) {
            listener.entered(entered.member());
        } else if (notice instanceof Notice.Presence presence) {
            listener.changed(presence.member());
        } else if (notice instanceof Notice.Left left) {
            listener.left(left.member());
        }
    }

    private void tell(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a listener to room " + room.name() + " failed", e);
        }
    }
}
