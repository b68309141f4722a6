package dev.tutti.document;

import dev.tutti.event.Event;
import dev.tutti.event.Events;
import dev.tutti.hub.TimeSource;
import java.util.function.BiFunction;

/**
 * Posts the events of one document for the listeners to all documents. Confined to the document's run.
 *
 * <p>Changes are debounced: the first one that is not posted waits {@link #CHANGE_NANOS}, or until the last member has left, and one event covers
 * it and all later ones.
 */
final class DocumentNotifier {
    static final long CHANGE_NANOS = 2_000_000_000L;

    private final Events events;
    private final String document;
    private final TimeSource time;

    private boolean isOpen;
    /** There are changes that no event covers. */
    private boolean hasChanged;
    /** Of the first of these changes. */
    private long changedNanos;

    DocumentNotifier(Events events, String document, TimeSource time) {
        this.events = events;
        this.document = document;
        this.time = time;
    }

    /** The document has a member. */
    void opened() {
        if (!isOpen) {
            isOpen = true;
            post(Event.DocumentOpened::new);
        }
    }

    /** The run has changed the document. */
    void changed(long nowNanos) {
        if (!hasChanged && events.areWanted()) {
            hasChanged = true;
            changedNanos = nowNanos;
        }
    }

    /** Returns whether the clock must ask for runs. */
    boolean isDue() {
        return hasChanged;
    }

    /** Posts the events that are due at the end of a run. */
    void endRun(boolean hasMembers, Persistence persistence, long nowNanos) {
        if (hasChanged && (!hasMembers || nowNanos - changedNanos >= CHANGE_NANOS)) {
            hasChanged = false;
            post(Event.DocumentChanged::new);
            persistence.whenStored(() -> post(Event.DocumentStored::new));
        }
        if (isOpen && !hasMembers) {
            isOpen = false;
            post(Event.DocumentClosed::new);
        }
    }

    private void post(BiFunction<Long, String, Event> event) {
        if (events.areWanted()) {
            events.post(event.apply(time.millis(), document));
        }
    }
}
