package dev.tutti.yjs;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What an update changes in a document, as it is taken in: what was new in it, and what there was before, to go back to if it turns out
 * not to be one, or to be too much. Confined to its user.
 */
final class Changes {
    /** What it changes of one client. */
    final class Change {
        final ClientStructs structs;
        /** Clocks that were missing. */
        final ClockRanges inserted = new ClockRanges();
        /** Clocks that the update deletes. */
        final ClockRanges deletes = new ClockRanges();
        /** Those of them that were not deleted before. */
        final ClockRanges deleted = new ClockRanges();
        /** Those of them that are missing, and whose delete did not wait before. */
        ClockRanges waitingDeletes = ClockRanges.NONE;
        /** A section of structs has come. */
        boolean hasSection;

        private final long memoryBytesBefore;
        private final int knownBefore;
        private final ClockRanges parkedDeletesBefore;
        private final List<List<Splice>> undo = new ArrayList<>(1);
        private int waitingEntries;
        private long waitingBytes;

        private Change(ClientStructs structs, boolean isNew) {
            this.structs = structs;
            this.memoryBytesBefore = isNew ? 0 : structs.memoryBytes();
            this.knownBefore = structs.known();
            this.parkedDeletesBefore = structs.parkedDeletes();
        }

        /** Notes that structs or deletes may have to wait. */
        void waiting(int entries, int bytes) {
            waitingEntries += entries;
            waitingBytes += bytes;
        }

        void replace(List<Splice> splices) throws LimitExceededException {
            if (!splices.isEmpty()) {
                long before = structs.memoryBytes();
                undo.add(structs.replace(splices));
                grow(structs.memoryBytes() - before);
            }
        }

        /** Returns whether something of this update waits. */
        boolean waits() {
            int last = inserted.size() - 1;
            return (last >= 0 && inserted.to(last) > structs.known()) || !waitingDeletes.isEmpty();
        }

        int waitingEntries() {
            return waitingEntries;
        }

        long waitingBytes() {
            return waitingBytes;
        }

        long growth() {
            return (structs.isEmpty() ? 0 : structs.memoryBytes()) - memoryBytesBefore;
        }

        void undo() {
            for (int i = undo.size() - 1; i >= 0; i--) {
                structs.replace(undo.get(i));
            }
            structs.restore(knownBefore, parkedDeletesBefore.isEmpty() ? null : parkedDeletesBefore);
        }

        private boolean isEmpty() {
            return inserted.isEmpty() && deleted.isEmpty();
        }
    }

    private final List<Change> changes = new ArrayList<>(1);
    private final long maxGrowth;
    private long growth;
    /** A shared type was deleted. */
    boolean foundType;

    /**
     * Makes one that is empty.
     *
     * @param maxGrowth by how many bytes a document may grow while this is made; what is deleted in the end may make it smaller again
     */
    Changes(long maxGrowth) {
        this.maxGrowth = maxGrowth;
    }

    /** Returns what is changed of a client, whether it is {@code isNew} in the document or not. */
    Change of(ClientStructs structs, boolean isNew) throws LimitExceededException {
        Change change = structs.change;
        if (change == null) {
            change = new Change(structs, isNew);
            structs.change = change;
            changes.add(change);
            grow(isNew ? ClientStructs.OVERHEAD_BYTES : 0);
        }
        return change;
    }

    private void grow(long bytes) throws LimitExceededException {
        growth += bytes;
        if (growth > maxGrowth) {
            throw tooLarge();
        }
    }

    static LimitExceededException tooLarge() {
        return new LimitExceededException("the document would become too large");
    }

    /** Returns the changes, in the order in which they came until {@link #encode}. */
    List<Change> list() {
        return changes;
    }

    boolean isEmpty() {
        return changes.stream().allMatch(Change::isEmpty);
    }

    boolean inserts() {
        return changes.stream().anyMatch(change -> !change.inserted.isEmpty());
    }

    /** Refuses changes by which the document has grown by more bytes of memory than it may. */
    void expectGrowth(long maxBytes) throws LimitExceededException {
        if (changes.stream().mapToLong(Change::growth).sum() > Math.max(0, maxBytes)) {
            throw tooLarge();
        }
    }

    /** Returns the changes as an update: structs as the document has them now. */
    byte[] encode() {
        changes.sort(Comparator.comparingLong((Change change) -> change.structs.client())
                .reversed());
        UpdateWriter out = new UpdateWriter();
        for (Change change : changes) {
            out.writeStructs(change.structs, change.inserted, change.deleted);
            change.deleted.normalize();
            out.writeDeletes(change.structs.client(), change.deleted);
        }
        return out.finish();
    }
}
