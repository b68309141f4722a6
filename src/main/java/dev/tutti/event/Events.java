package dev.tutti.event;

import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Hands events to all sinks. Safe for any thread. Without a sink an event costs a volatile read: posters ask {@link #areWanted} before they make one.
 */
public final class Events {
    /** Replaced, never written to; written under this. */
    private volatile EventSink[] sinks = {};

    /** Adds a sink for all later events. */
    public synchronized void add(EventSink sink) {
        sinks = Stream.concat(Arrays.stream(sinks), Stream.of(sink)).toArray(EventSink[]::new);
    }

    /** Removes a sink; an event that is being posted may still reach it. */
    public synchronized void remove(EventSink sink) {
        sinks = Arrays.stream(sinks).filter(present -> present != sink).toArray(EventSink[]::new);
    }

    /** Returns whether there is a sink. */
    public boolean areWanted() {
        return sinks.length > 0;
    }

    /** Returns whether a sink takes the publications of a room. */
    public boolean arePublicationsWanted(String room) {
        for (EventSink sink : sinks) {
            if (sink.takesPublicationsOf(room)) {
                return true;
            }
        }
        return false;
    }

    /** Hands an event to each sink; a publication only to those that take the ones of its room. */
    public void post(Event event) {
        for (EventSink sink : sinks) {
            if (!(event instanceof Event.Published published) || sink.takesPublicationsOf(published.room())) {
                sink.post(event);
            }
        }
    }
}
