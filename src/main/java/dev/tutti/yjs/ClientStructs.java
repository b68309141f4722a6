package dev.tutti.yjs;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One client's part of a document: its structs from clock 0 to {@link #end}, with a {@link Kind#SKIP} for each gap, and the deletes of
 * missing structs. Confined to its document.
 *
 * <p>The structs are in {@link Block blocks}, found by binary search. Neighbours in different blocks may be parts of one split struct;
 * {@link StructWriter} merges them in an encoding.
 */
final class ClientStructs {
    /** Memory of the objects for a client, and of its entry in a map. */
    static final int OVERHEAD_BYTES = 160;

    /** The least memory of a client with a struct. */
    static final int MIN_BYTES = OVERHEAD_BYTES + Block.OVERHEAD_BYTES;

    private final long client;
    private final Blocks blocks = new Blocks();
    /** The clock of the first missing struct. */
    private int known;
    /** Deletes of missing structs, in order; null if there are none. Immutable: a change makes a new object. */
    private @Nullable ClockRanges parkedDeletes;

    /** The changes by the update that is being applied; null if it has made none here. */
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

    /** Returns the clock of the first missing struct: the entry of a state vector. */
    int known() {
        return known;
    }

    /** Returns whether structs or deletes wait for missing structs. */
    boolean hasParked() {
        return known < end() || parkedDeletes != null;
    }

    /** Returns about the bytes of memory that this takes. */
    long memoryBytes() {
        return OVERHEAD_BYTES + blocks.memoryBytes() + (parkedDeletes == null ? 0 : parkedDeletes.memoryBytes());
    }

    // Reading

    /** Returns the number of blocks. */
    int blocks() {
        return blocks.size();
    }

    Block block(int index) {
        return blocks.get(index);
    }

    /** Returns the index of the block with a clock; of the last block if none has it. */
    int find(int clock) {
        return blocks.find(clock);
    }

    /** Returns the index of the first block that has a gap and clocks from {@code from} to before {@code to}; −1 if there is none. */
    int firstWithGap(int from, int to) {
        for (int i = blocks.find(from); i < blocks.size() && blocks.get(i).clock < to; i++) {
            if (blocks.get(i).hasGap) {
                return i;
            }
        }
        return -1;
    }

    /** Returns a reader of structs; {@link StructCursor#seek} positions it. */
    StructCursor read() {
        return new StructCursor(blocks, client);
    }

    /** Adds to {@code deleted} the deleted ones of some clocks, which are in order. */
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

    /** Adds all deletes, including parked ones; {@code deleted} is in order afterwards. */
    void addAllDeleted(ClockRanges deleted) {
        addDeleted(ClockRanges.of(0, end()), deleted);
        addParkedDeletes(deleted);
        deleted.normalize();
    }

    /** Adds the deletes of missing structs. */
    void addParkedDeletes(ClockRanges deleted) {
        if (parkedDeletes != null) {
            deleted.addAll(parkedDeletes);
        }
    }

    /** Returns the parked part as one claim. */
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
        return new Parked.Claim(Parked.NO_CONTRIBUTOR, client, structs, parkedDeletes(), entries, bytes, sinceMillis);
    }

    /** Returns the deletes of missing structs. */
    ClockRanges parkedDeletes() {
        return parkedDeletes == null ? ClockRanges.NONE : parkedDeletes;
    }

    /** Adds to {@code missing} the missing ones of some clocks, which are in order; reads each block at most once. */
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

    /** Replaces blocks; returns the splices that undo it. */
    List<Splice> replace(List<Splice> splices) {
        return blocks.replace(splices);
    }

    /**
     * Finds the first missing struct after an insertion.
     *
     * @param isWhole whether none is missing
     */
    void advance(boolean isWhole) {
        known = isWhole ? end() : firstGap();
    }

    /** Restores the previous state, except for the blocks. */
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
     * Deletes the structs that an update deletes, and its new structs whose delete was parked. Deletes of missing structs are parked.
     *
     * @return whether a shared type was deleted
     */
    boolean delete(Changes.Change change, BlockWriter writer) throws LimitExceededException {
        ClockRanges due = change.deletes;
        ClockRanges parked = parkedDeletes();
        if (due.isEmpty() && (parked.isEmpty() || change.inserted.isEmpty())) {
            return false;
        }
        due.normalize();
        ClockRanges arrived = parked.and(change.inserted);
        if (!arrived.isEmpty()) {
            parked = parked.without(arrived);
            due = due.or(arrived);
        }
        ClockRanges missing = new ClockRanges();
        addMissing(change.deletes, missing);
        missing = missing.without(parked);
        change.countParked(missing.size(), 0);
        change.parkedDeletes = missing;
        parked = parked.or(missing);
        parkedDeletes = parked.isEmpty() ? null : parked;
        Deletion deletion = new Deletion(this, due, Kind.DELETED, writer, change.deleted);
        change.replace(deletion.run());
        change.deleted.addAll(missing);
        return deletion.foundType();
    }

    /** Removes parked structs and deletes. */
    void drop(ClockRanges structs, ClockRanges deletes, BlockWriter writer) {
        ClockRanges dropped = ClockRanges.of(known, end()).and(structs);
        blocks.replace(new Deletion(this, dropped, Kind.SKIP, writer, new ClockRanges()).run());
        trim();
        ClockRanges left = parkedDeletes().without(deletes);
        parkedDeletes = left.isEmpty() ? null : left;
    }

    /** Removes gaps at the end. */
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
