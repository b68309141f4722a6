package dev.tutti.yjs;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a document has of one client: its structs from clock 0 to {@link #end}, with a {@link Kind#SKIP} wherever some are missing,
 * and deletes of structs that have not come. Confined to its document.
 *
 * <p>The structs are in {@link Block blocks}, found by binary search. Neighbours in different blocks may be one struct split apart,
 * which {@link StructWriter} puts right when they leave.
 */
final class ClientStructs {
    /** The objects for a client, and its entry in a map. */
    static final int OVERHEAD_BYTES = 160;

    /** The least that a client with a struct takes. */
    static final int MIN_BYTES = OVERHEAD_BYTES + Block.OVERHEAD_BYTES;

    private final long client;
    private final Blocks blocks = new Blocks();
    /** The clock of the first struct that is missing. */
    private int known;
    /** Deletes of clocks that are missing, in order; null if there are none. Never changed: a change makes others. */
    private @Nullable ClockRanges parkedDeletes;

    /** What the update that is being taken in changes here; null if nothing yet. */
    Changes.@Nullable Change change;

    ClientStructs(long client) {
        this.client = client;
    }

    long client() {
        return client;
    }

    boolean isEmpty() {
        return end() == 0 && parkedDeletes == null;
    }

    /** Returns the clock after the last struct. */
    int end() {
        return blocks.end();
    }

    /** Returns the clock of the first struct that is missing, which is what a state vector tells. */
    int known() {
        return known;
    }

    /** Returns whether something waits for structs that are missing. */
    boolean hasParked() {
        return known < end() || parkedDeletes != null;
    }

    /** Returns the bytes of memory that this takes, about. */
    long memoryBytes() {
        return OVERHEAD_BYTES + blocks.memoryBytes() + (parkedDeletes == null ? 0 : parkedDeletes.memoryBytes());
    }

    // Reading

    /** Returns how many blocks there are. */
    int blocks() {
        return blocks.size();
    }

    Block block(int index) {
        return blocks.get(index);
    }

    /** Returns the index of the block that a clock is in; of the last if it is in none. */
    int find(int clock) {
        return blocks.find(clock);
    }

    /** Returns the index of the first block with a gap that has clocks from one to before another; −1 if there is none. */
    int firstWithGap(int from, int to) {
        for (int i = blocks.find(from); i < blocks.size() && blocks.get(i).clock < to; i++) {
            if (blocks.get(i).hasGap) {
                return i;
            }
        }
        return -1;
    }

    /** Returns a reader of structs, which is to be {@link StructCursor#seek sent} to them. */
    StructCursor read() {
        return new StructCursor(blocks, client);
    }

    /** Adds to {@code deleted} what is deleted of some clocks, which are in order. */
    void addDeleted(ClockRanges of, ClockRanges deleted) {
        StructCursor cursor = read();
        for (int i = 0; i < of.size() && of.from(i) < end(); i++) {
            cursor.seek(of.from(i), of.to(i));
            for (Struct struct = cursor.next(); struct != null; struct = cursor.next()) {
                if (struct.kind.isDeleted()) {
                    deleted.add(struct.clock, struct.end());
                }
            }
        }
    }

    /** Adds all deletes, those that wait too; {@code deleted} is in order afterwards. */
    void addAllDeleted(ClockRanges deleted) {
        addDeleted(ClockRanges.of(0, end()), deleted);
        addParkedDeletes(deleted);
        deleted.normalize();
    }

    /** Adds the deletes of clocks that are missing. */
    void addParkedDeletes(ClockRanges deleted) {
        if (parkedDeletes != null) {
            deleted.addAll(parkedDeletes);
        }
    }

    /** Returns all that waits, since a time. */
    Parked.Claim parked(long sinceMillis) {
        ClockRanges structs = new ClockRanges();
        int entries = parkedDeletes().size();
        long bytes = 0;
        StructCursor cursor = read().seek(known, end());
        for (Struct struct = cursor.next(); struct != null; struct = cursor.next()) {
            if (struct.kind != Kind.SKIP) {
                structs.add(struct.clock, struct.end());
                entries++;
                bytes += struct.storedBytes();
            }
        }
        return new Parked.Claim(Parked.NOBODY, client, structs, parkedDeletes(), entries, bytes, sinceMillis);
    }

    /** Returns the deletes that wait. */
    ClockRanges parkedDeletes() {
        return parkedDeletes == null ? ClockRanges.NONE : parkedDeletes;
    }

    /** Adds to {@code missing} what is missing of some clocks, which are in order; reads each block at most once. */
    void addMissing(ClockRanges of, ClockRanges missing) {
        int end = end();
        if (known < end) {
            int block = 0;
            for (int i = of.firstEndingAfter(known); i < of.size() && of.from(i) < end; i++) {
                block = Math.max(block, blocks.find(Math.max(of.from(i), known)));
                for (; block < blocks.size() && blocks.get(block).clock < of.to(i); block++) {
                    if (blocks.get(block).hasGap) {
                        addGaps(blocks.get(block), of, missing);
                    }
                }
            }
        }
        for (int i = of.firstEndingAfter(end); i < of.size(); i++) {
            missing.add(Math.max(of.from(i), end), of.to(i));
        }
    }

    private void addGaps(Block block, ClockRanges of, ClockRanges missing) {
        StructReader reader = block.read(client);
        while (reader.hasNext()) {
            Struct struct = reader.readStored();
            if (struct.kind == Kind.SKIP) {
                of.addPart(struct.clock, struct.end(), missing);
            }
        }
    }

    // Writing

    /** Puts blocks in the place of others; returns the splices that undo it. */
    List<Splice> replace(List<Splice> splices) {
        return blocks.replace(splices);
    }

    /** Finds the first struct that is missing, after some have come; {@code isWhole} if none is. */
    void advance(boolean isWhole) {
        known = isWhole ? end() : firstGap();
    }

    /** Goes back to what this was, but for the blocks. */
    void restore(int knownBefore, @Nullable ClockRanges parkedDeletesBefore) {
        known = knownBefore;
        parkedDeletes = parkedDeletesBefore;
    }

    private int firstGap() {
        int index = blocks.size() == 0 ? -1 : firstWithGap(known, end());
        while (index >= 0) {
            StructReader reader = blocks.get(index).read(client);
            while (reader.hasNext()) {
                Struct struct = reader.readStored();
                if (struct.kind == Kind.SKIP) {
                    return struct.clock;
                }
            }
            int end = blocks.get(index).end;
            index = end == end() ? -1 : firstWithGap(end, end());
        }
        return end();
    }

    /**
     * Deletes what the update that is being taken in deletes, and those whose delete waited if it has brought them; the rest waits.
     *
     * @return whether a shared type was among them
     */
    boolean delete(Changes.Change taken, BlockWriter writer) throws LimitExceededException {
        ClockRanges due = taken.deletes;
        ClockRanges parked = parkedDeletes();
        if (due.isEmpty() && (parked.isEmpty() || taken.inserted.isEmpty())) {
            return false;
        }
        due.normalize();
        ClockRanges came = parked.and(taken.inserted);
        if (!came.isEmpty()) {
            parked = parked.without(came);
            due = due.or(came);
        }
        ClockRanges missing = new ClockRanges();
        addMissing(taken.deletes, missing);
        missing = missing.without(parked);
        taken.waiting(missing.size(), 0);
        taken.waitingDeletes = missing;
        parked = parked.or(missing);
        parkedDeletes = parked.isEmpty() ? null : parked;
        Deletion deletion = new Deletion(this, due, Kind.DELETED, writer, taken.deleted);
        taken.replace(deletion.run());
        taken.deleted.addAll(missing);
        return deletion.foundType();
    }

    /** Forgets structs and deletes that wait. */
    void drop(ClockRanges structs, ClockRanges deletes, BlockWriter writer) {
        ClockRanges waiting = ClockRanges.of(known, end()).and(structs);
        blocks.replace(new Deletion(this, waiting, Kind.SKIP, writer, new ClockRanges()).run());
        trim();
        ClockRanges left = parkedDeletes().without(deletes);
        parkedDeletes = left.isEmpty() ? null : left;
    }

    /** Takes gaps off the end. */
    private void trim() {
        int last = blocks.size() - 1;
        while (last >= 0) {
            Block block = blocks.get(last);
            if (block.readLast(client).readStored().kind != Kind.SKIP) {
                return;
            }
            BlockWriter writer = new BlockWriter();
            writer.resumeWithoutLast(block, client);
            List<Block> left = writer.finish();
            blocks.replace(List.of(new Splice(last, last + 1, left)));
            last = blocks.size() - 1;
        }
    }
}
