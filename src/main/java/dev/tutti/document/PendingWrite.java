package dev.tutti.document;

import dev.tutti.hub.Budget;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Updates that one write to the store makes durable, and the receipts that follow it. Confined to the document's run. */
final class PendingWrite {
    /** Memory of an entry beside its bytes. */
    private static final int ENTRY_BYTES = 128;

    private final Budget budget;
    private final List<byte[]> updates = new ArrayList<>(1);
    private final List<Runnable> receipts = new ArrayList<>(1);
    private final Reservations reservations;

    /** The updates before this index are merged: earlier runs added them. */
    private int merged;

    /** When the first update was added. */
    private long beganNanos;

    PendingWrite(Budget budget) {
        this.budget = budget;
        this.reservations = new Reservations(budget, Budget.Share.RECEIPTS);
    }

    /** Sets when the first update was added. */
    void setBegan(long nanos) {
        beganNanos = nanos;
    }

    long beganNanos() {
        return beganNanos;
    }

    void add(byte[] update) {
        updates.add(update);
    }

    /** Adds an update that {@link #mergeAdded} leaves out. */
    void addMerged(byte[] update) {
        updates.add(merged, update);
        merged++;
    }

    /** Adds an action that runs once the updates are stored. It does not throw. */
    void addReceipt(Runnable receipt) {
        receipts.add(receipt);
    }

    /** Charges an address for an update or a receipt until the write has ended. */
    void reserve(Budget.Quota quota, long bytes) {
        reservations.add(quota, bytes + ENTRY_BYTES);
    }

    /** Releases the memory although nothing was written. */
    void release() {
        reservations.clear();
    }

    boolean isEmpty() {
        return updates.isEmpty();
    }

    List<byte[]> updates() {
        return updates;
    }

    /** Replaces the updates that were added since the last call by their merge, and returns it; null if there are none. */
    byte @Nullable [] mergeAdded() {
        List<byte[]> added = updates.subList(merged, updates.size());
        if (added.isEmpty()) {
            return null;
        }
        byte[] update = AppliedUpdates.merge(added);
        added.clear();
        updates.add(update);
        merged = updates.size();
        return update;
    }

    /** Returns all updates, at least one, as one. */
    byte[] merge() {
        return AppliedUpdates.merge(updates);
    }

    /** Releases the memory and runs the receipts: the updates are stored. */
    void complete() {
        reservations.clear();
        receipts.forEach(Runnable::run);
    }

    /** Returns the updates and receipts of a write that has failed together with those of the next. Neither is used any more. */
    PendingWrite joinedWith(PendingWrite next) {
        PendingWrite both = new PendingWrite(budget);
        both.beganNanos = updates.isEmpty() ? next.beganNanos : beganNanos;
        both.updates.addAll(updates);
        both.updates.addAll(next.updates);
        both.receipts.addAll(receipts);
        both.receipts.addAll(next.receipts);
        if (both.updates.size() > 1) {
            byte[] all = both.merge();
            both.updates.clear();
            both.updates.add(all);
        }
        both.merged = both.updates.size();
        both.reservations.addAll(reservations);
        both.reservations.addAll(next.reservations);
        return both;
    }
}
