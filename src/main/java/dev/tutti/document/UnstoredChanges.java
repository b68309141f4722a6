package dev.tutti.document;

import dev.tutti.hub.Budget;
import dev.tutti.hub.Budget.Share;
import dev.tutti.yjs.UpdateIds;
import dev.tutti.yjs.YDocument;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/**
 * Changes that this server has received from others, which may not have stored them yet. If one of them does not report in time that a change is
 * stored, this server stores it: two rows with one change do no harm. Confined to the document's run.
 */
final class UnstoredChanges {
    /** Time for a server to store a change and to report it. */
    static final long PATIENCE_NANOS = 5_000_000_000L;

    /** With more bytes this server stores all of them at once. */
    private static final long MAX_BYTES = 1 << 20;

    /** Of a change beside its update. */
    private static final int OVERHEAD_BYTES = 64;

    /** @param number among those of its origin */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    private record Change(long origin, long number, byte[] update, long deadlineNanos) {
        long bytes() {
            return OVERHEAD_BYTES + (long) update.length;
        }
    }

    private final Persistence persistence;
    private final Budget budget;
    /** In the order of their deadlines. */
    private final Deque<Change> changes = new ArrayDeque<>(0);

    private long bytes;

    UnstoredChanges(Persistence persistence, Budget budget) {
        this.persistence = persistence;
        this.budget = budget;
    }

    boolean isEmpty() {
        return changes.isEmpty();
    }

    /** Returns how far the document is stored, by this server and by others. */
    Documents.Stored status(YDocument state, long incarnation) {
        List<byte[]> updates = new ArrayList<>(persistence.unstored());
        changes.forEach(change -> updates.add(change.update));
        return new Documents.Stored(
                incarnation,
                state.stateVectorWithout(updates),
                persistence.isComplete() && isEmpty(),
                persistence.failure());
    }

    /** Adds a change with the number that its server reports when it is stored. */
    void add(long origin, long number, byte[] update, long nowNanos) {
        Change change = new Change(origin, number, update, nowNanos + PATIENCE_NANOS);
        changes.add(change);
        bytes += change.bytes();
        budget.reserve(Share.RECEIPTS, change.bytes());
        if (bytes > MAX_BYTES) {
            store();
        }
    }

    /** The changes of a server up to a number are stored. */
    void stored(long origin, long upTo) {
        if (!changes.isEmpty()) {
            remove(change -> change.origin == origin && change.number <= upTo, false);
        }
    }

    /** Stores all changes of a server that has gone. */
    void storeOf(long origin) {
        remove(change -> change.origin == origin, true);
    }

    /** Stores all changes. */
    void store() {
        remove(change -> true, true);
    }

    /** Stores the changes whose time is over. */
    void tick(long nowNanos) {
        if (!changes.isEmpty() && changes.peek().deadlineNanos - nowNanos <= 0) {
            remove(change -> change.deadlineNanos - nowNanos <= 0, true);
        }
    }

    /** Stores all changes if an update repeats a part of them: this server must not confirm it before it is stored. */
    void storeIfRepeatedBy(byte[] update) throws MalformedUpdateException {
        if (changes.isEmpty()) {
            return;
        }
        UpdateIds repeated = UpdateIds.of(update);
        for (Change change : changes) {
            if (UpdateIds.of(change.update).intersects(repeated)) {
                store();
                return;
            }
        }
    }

    private void remove(Predicate<Change> which, boolean store) {
        changes.removeIf(change -> {
            boolean isRemoved = which.test(change);
            if (isRemoved) {
                bytes -= change.bytes();
                budget.release(Share.RECEIPTS, change.bytes());
                if (store) {
                    persistence.addForeign(change.update);
                }
            }
            return isRemoved;
        });
    }
}
