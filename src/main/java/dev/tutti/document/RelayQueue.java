package dev.tutti.document;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Changes that wait for the message before them: so a busy document sends few messages, each with the changes of many runs. Confined to the document's
 * run.
 */
final class RelayQueue {
    /** Upper bound of the updates in a message. */
    static final int MAX_BYTES = 1 << 20;

    private final List<byte[]> updates = new ArrayList<>(1);
    private long bytes;
    private final Set<Long> awarenessIds = new LinkedHashSet<>(0);

    /** The message on its way. */
    private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);

    /** Adds a change; false if too much waits: then all of it is dropped. */
    boolean add(byte[] update) {
        bytes += update.length;
        if (bytes > MAX_BYTES) {
            clear();
            return false;
        }
        updates.add(update);
        return true;
    }

    /** Adds awareness ids, whose states are read when they are sent. */
    void addAwareness(Collection<Long> ids) {
        awarenessIds.addAll(ids);
    }

    boolean isEmpty() {
        return updates.isEmpty() && awarenessIds.isEmpty();
    }

    /** Returns whether no message is on its way. */
    boolean isReady() {
        return sent.isDone();
    }

    /** Returns the changes as one, empty for none, and removes them. */
    byte[] takeUpdate() {
        byte[] update = updates.isEmpty() ? new byte[0] : AppliedUpdates.merge(updates);
        updates.clear();
        bytes = 0;
        return update;
    }

    Set<Long> takeAwareness() {
        Set<Long> taken = Set.copyOf(awarenessIds);
        awarenessIds.clear();
        return taken;
    }

    /** Drops what waits. */
    void clear() {
        updates.clear();
        awarenessIds.clear();
        bytes = 0;
    }

    /** A message is on its way. */
    void sending(CompletionStage<?> message) {
        sent = message.toCompletableFuture();
    }
}
