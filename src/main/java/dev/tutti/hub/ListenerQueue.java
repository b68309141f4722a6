package dev.tutti.hub;

import dev.tutti.event.Event;
import dev.tutti.event.EventSink;
import dev.tutti.event.TuttiListener;
import dev.tutti.security.NamePattern;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A {@link TuttiListener} and the events that wait for it, until it is closed. Safe for any thread.
 *
 * <p>The events wait in a fixed number of lanes, whose calls run in parallel; all events of one subject are in one lane, which keeps their order. So
 * a call that blocks delays its lane only, and the memory does not depend on the number of rooms.
 */
public final class ListenerQueue implements EventSink, AutoCloseable {
    static final int LANES = 8;

    /** Bytes of events that may wait in one lane; further events are dropped. */
    static final int MAX_LANE_BYTES = 1 << 20;

    private final TuttiListener listener;
    private final List<NamePattern> publications;
    private final List<Lane> lanes;

    /** @param executor runs the listener; must not run a task inside {@code execute} */
    ListenerQueue(Hub hub, TuttiListener listener, Executor executor) {
        this.listener = listener;
        this.publications =
                listener.publicationsOf().stream().map(NamePattern::of).toList();
        this.lanes = Stream.generate(() -> new Lane(hub, executor)).limit(LANES).toList();
    }

    /** Returns the listener. */
    public TuttiListener listener() {
        return listener;
    }

    @Override
    public boolean takesPublicationsOf(String room) {
        for (NamePattern pattern : publications) {
            if (pattern.matches(room, "")) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void post(Event event) {
        lanes.get(Math.floorMod(event.subject().hashCode(), LANES)).post(event);
    }

    /** Ends the calls: the listener is not called for events that still wait. */
    @Override
    public void close() {
        lanes.forEach(lane -> lane.mailbox.close());
    }

    /** A call of the listener. */
    private sealed interface Call {}

    private record Happened(Event event) implements Call {}

    /** Events did not fit into the lane. */
    private static final class Dropped implements Call {
        /** Guarded by the lane. */
        private long count;
    }

    /** Events in their order, and the calls for them, one at a time. */
    private final class Lane implements Mailbox.Owner<Call> {
        private final Mailbox<Call> mailbox;

        /** The last call in the mailbox, to which further dropped events are added; null if it is an event. Guarded by this. */
        private @Nullable Dropped dropping;

        Lane(Hub hub, Executor executor) {
            mailbox =
                    new Mailbox<>("a listener to all rooms", this, executor, hub.time(), hub.budget(), MAX_LANE_BYTES);
        }

        synchronized void post(Event event) {
            Mailbox.Offer offered = mailbox.offer(new Happened(event));
            if (offered != Mailbox.Offer.REFUSED) {
                dropping = null;
            } else if (dropping == null) {
                dropping = new Dropped();
                offered = mailbox.offer(dropping);
            }
            if (dropping != null) {
                dropping.count++;
            }
            if (offered == Mailbox.Offer.WAKE) {
                mailbox.schedule();
            }
        }

        private synchronized long take(Dropped dropped) {
            if (dropping == dropped) {
                dropping = null;
            }
            return dropped.count;
        }

        @Override
        public int bytesOf(Call call) {
            return call instanceof Happened happened ? happened.event.bytes() : 0;
        }

        /** Libraries of the application expect its class loader. */
        @Override
        public void beginRun() {
            Thread.currentThread().setContextClassLoader(listener.getClass().getClassLoader());
        }

        @Override
        public void handle(Call call) {
            if (call instanceof Happened happened) {
                listener.happened(happened.event);
            } else if (call instanceof Dropped dropped) {
                listener.eventsDropped(take(dropped));
            }
        }
    }
}
