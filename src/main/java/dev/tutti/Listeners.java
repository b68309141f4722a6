package dev.tutti;

import dev.tutti.event.TuttiListener;
import dev.tutti.hub.Hub;
import dev.tutti.hub.ListenerQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** The application's listeners to all events. Safe for any thread. */
final class Listeners {
    private final Hub hub;
    private final Executor executor;

    // Guarded by this.
    private final List<ListenerQueue> queues = new ArrayList<>();

    /** @param executor runs the listeners, which may block */
    Listeners(Hub hub, Executor executor) {
        this.hub = hub;
        this.executor = executor;
    }

    /** Adds a listener, unless it is there. */
    synchronized void add(TuttiListener listener) {
        if (queues.stream().noneMatch(queue -> queue.listener() == listener)) {
            queues.add(hub.listen(listener, executor));
        }
    }

    /** Removes a listener; a call that has begun goes on. */
    synchronized void remove(TuttiListener listener) {
        queues.removeIf(queue -> {
            boolean isRemoved = queue.listener() == listener;
            if (isRemoved) {
                hub.events().remove(queue);
                queue.close();
            }
            return isRemoved;
        });
    }
}
