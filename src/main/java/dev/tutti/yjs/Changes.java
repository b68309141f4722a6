package dev.tutti.yjs;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The changes that one update makes in a document: its new part, and the previous blocks, which are restored if the update proves malformed or
 * too large. Confined to its user.
 */
final class Changes {
    /** The changes in the structs of one client. */
    final class Change {
        final ClientStructs structs;
        /** Clocks of new structs. */
        final ClockRanges inserted = new ClockRanges();
        /** Clocks that the update deletes. */
        final ClockRanges deletes = new ClockRanges();
        /** Those of {@link #deletes} that were not deleted before. */
        final ClockRanges deleted = new ClockRanges();
        /** Those of {@link #deletes} whose structs are missing and whose delete was not parked before. */
        ClockRanges parkedDeletes = ClockRanges.NONE;
        /** The update has a section of structs for this client. */
        boolean hasSection;

        private final long memoryBytesBefore;
        private final int knownBefore;
        private final ClockRanges parkedDeletesBefore;
        private final List<List<Splice>> undo = new ArrayList<>(1);
        private int parkedEntries;
        private long parkedBytes;

        private Change(ClientStructs structs, boolean isNew) {
            this.structs = structs;
            this.memoryBytesBefore = isNew ? 0 : structs.memoryBytes();
            this.knownBefore = structs.known();
            this.parkedDeletesBefore = structs.parkedDeletes();
        }

        /** Counts structs or deletes that may have to be parked. */
        void countParked(int entries, int bytes) {
            parkedEntries += entries;
            parkedBytes += bytes;
        }

        void replace(List<Splice> splices) throws LimitExceededException {
            if (!splices.isEmpty()) {
                long before = structs.memoryBytes();
                undo.add(structs.replace(splices));
                grow(structs.memoryBytes() - before);
            }
        }

        /** Returns whether a part of the update is parked. */
        boolean parks() {
            int last = inserted.size() - 1;
            return (last >= 0 && inserted.to(last) > structs.known()) || !parkedDeletes.isEmpty();
        }

        int parkedEntries() {
            return parkedEntries;
        }

        long parkedBytes() {
            return parkedBytes;
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
     * Has no changes yet.
     *
     * @param maxGrowth bytes of memory by which the document may grow meanwhile; deletes at the end of the update may reduce the growth again
     */
    Changes(long maxGrowth) {
        this.maxGrowth = maxGrowth;
    }

    /**
     * Returns the changes of a client.
     *
     * @param isNew whether the document did not have the client before
     */
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

    /** Returns the changes, in the order of the update until {@link #encode} sorts them. */
    List<Change> list() {
        return changes;
    }

    boolean isEmpty() {
        return changes.stream().allMatch(Change::isEmpty);
    }

    boolean inserts() {
        return changes.stream().anyMatch(change -> !change.inserted.isEmpty());
    }

    /** Refuses changes by which the document has grown by more than {@code maxBytes} of memory. */
    void expectGrowth(long maxBytes) throws LimitExceededException {
        if (changes.stream().mapToLong(Change::growth).sum() > Math.max(0, maxBytes)) {
            throw tooLarge();
        }
    }

    /** Returns the changes as an update, with structs as the document has them now. */
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
