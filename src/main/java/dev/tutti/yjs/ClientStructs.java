package dev.tutti.yjs;

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
    private static final int OVERHEAD_BYTES = 200;

    private final long client;
    private final Blocks blocks = new Blocks();
    /** The clock of the first struct that is missing. */
    private int known;
    /** Deletes of clocks that are missing, in order; null if there are none. */
    private @Nullable ClockRanges parkedDeletes;

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

    /** Returns the bytes of memory that this takes, about. */
    long memoryBytes() {
        return isEmpty() ? 0 : OVERHEAD_BYTES + blocks.memoryBytes();
    }

    /** Returns the bytes of the structs that wait for missing ones, give or take a block. */
    long parkedBytes() {
        long parked = 0;
        for (int i = firstParked(); i < blocks.size(); i++) {
            parked += blocks.get(i).size();
        }
        return parked;
    }

    /** Returns how many structs wait for missing ones, give or take a block, and how many ranges of deletes do. */
    int parkedEntries() {
        int parked = parkedDeletes == null ? 0 : parkedDeletes.size();
        for (int i = firstParked(); i < blocks.size(); i++) {
            parked += blocks.get(i).count;
        }
        return parked;
    }

    private int firstParked() {
        return known == end() ? blocks.size() : blocks.find(known);
    }

    // Reading

    /** Returns the structs from one clock to before another. */
    StructCursor read(int from, int to) {
        return new StructCursor(blocks, client, from, to);
    }

    /** Returns what is at a clock. */
    Kind kindAt(int clock) {
        Struct struct = clock < end() ? read(clock, clock + 1).next() : null;
        return struct == null ? Kind.SKIP : struct.kind;
    }

    /** Adds to {@code deleted} what is deleted from one clock to before another. */
    void addDeleted(int from, int to, ClockRanges deleted) {
        StructCursor cursor = read(from, to);
        for (Struct struct = cursor.next(); struct != null; struct = cursor.next()) {
            if (struct.kind.isDeleted()) {
                deleted.add(struct.clock, struct.end());
            }
        }
    }

    /** Adds the deletes of clocks that are missing. */
    void addParkedDeletes(ClockRanges deleted) {
        if (parkedDeletes != null) {
            deleted.addAll(parkedDeletes);
        }
    }

    /** Returns whether a delete of these clocks waits for them. */
    boolean parksDelete(int from, int to) {
        return parkedDeletes != null && parkedDeletes.covers(from, to);
    }

    /** Adds to {@code missing} what is missing from one clock to before another. */
    void addMissing(int from, int to, ClockRanges missing) {
        int end = end();
        if (known < end) {
            for (int i = blocks.find(Math.max(from, known)); i < blocks.size() && blocks.get(i).clock < to; i++) {
                if (blocks.get(i).hasGap) {
                    addGaps(blocks.get(i), from, to, missing);
                }
            }
        }
        missing.add(Math.max(from, end), to);
    }

    private void addGaps(Block block, int from, int to, ClockRanges missing) {
        StructReader reader = block.read(client);
        while (reader.hasNext()) {
            Struct struct = reader.readStored();
            if (struct.kind == Kind.SKIP) {
                missing.add(Math.max(from, struct.clock), Math.min(to, struct.end()));
            }
        }
    }

    // Writing

    /** Has {@code writer} go on after the last struct; {@link #append} then takes what it has written. */
    void resume(BlockWriter writer) {
        if (blocks.size() > 0) {
            writer.resume(blocks.get(blocks.size() - 1), client);
        }
    }

    void append(BlockWriter writer, boolean leavesGap) {
        boolean wasWhole = known == end();
        blocks.replace(Math.max(0, blocks.size() - 1), blocks.size(), writer.finish());
        if (wasWhole) {
            known = leavesGap ? firstGap() : end();
        }
    }

    /** Puts the missing ones among a struct's clocks where they were missing, and adds them to {@code inserted}. */
    void fillGaps(Struct struct, BlockWriter writer, ClockRanges inserted) {
        Struct rest = struct.copy();
        for (int i = blocks.find(Math.max(struct.clock, known)); i < blocks.size(); i++) {
            if (blocks.get(i).clock >= struct.end()) {
                break;
            }
            if (blocks.get(i).hasGap) {
                fillGaps(blocks.get(i), rest, writer, inserted);
                i = blocks.replace(i, i + 1, writer.finish()) - 1;
            }
        }
        known = firstGap();
    }

    /** Cuts off {@code rest} what lies before the block's end: a long text with many gaps is walked over once. */
    private void fillGaps(Block block, Struct rest, BlockWriter writer, ClockRanges inserted) {
        StructReader reader = block.read(client);
        while (reader.hasNext()) {
            Struct held = reader.readStored();
            int from = Math.max(held.clock, rest.clock);
            int to = Math.min(held.end(), rest.end());
            if (held.kind != Kind.SKIP || from >= to) {
                writer.add(held);
                continue;
            }
            inserted.add(from, to);
            if (held.clock < from) {
                writer.add(Struct.skip(held.clock, from));
            }
            rest.dropUntil(from);
            if (to < rest.end()) {
                writer.add(rest.first(to - rest.clock));
                rest.dropUntil(to);
            } else {
                writer.add(rest.copy());
            }
            if (to < held.end()) {
                writer.add(Struct.skip(to, held.end()));
            }
        }
    }

    private int firstGap() {
        for (int i = blocks.size() == 0 ? 0 : blocks.find(known); i < blocks.size(); i++) {
            if (blocks.get(i).hasGap) {
                StructReader reader = blocks.get(i).read(client);
                while (reader.hasNext()) {
                    Struct struct = reader.readStored();
                    if (struct.kind == Kind.SKIP) {
                        return struct.clock;
                    }
                }
            }
        }
        return end();
    }

    /**
     * Deletes clocks, and those whose delete waited if they have come; the rest waits.
     *
     * @param deletes in order
     * @param deleted is added what was not deleted before, and what waits and did not before
     * @return whether a shared type was among them
     */
    boolean delete(ClockRanges deletes, BlockWriter writer, ClockRanges deleted) {
        ClockRanges parked = parkedDeletes;
        if (deletes.isEmpty() && (parked == null || parked.from(0) >= end())) {
            return false;
        }
        ClockRanges all = deletes;
        if (parked != null) {
            all = new ClockRanges();
            all.addAll(parked);
            all.addAll(deletes);
            all.normalize();
        }
        ClockRanges missing = new ClockRanges();
        for (int i = 0; i < all.size(); i++) {
            addMissing(all.from(i), all.to(i), missing);
        }
        for (int i = 0; i < missing.size(); i++) {
            if (!parksDelete(missing.from(i), missing.to(i))) {
                deleted.add(missing.from(i), missing.to(i));
            }
        }
        parkedDeletes = missing.isEmpty() ? null : missing;
        return delete(all, Kind.DELETED, writer, deleted);
    }

    /**
     * Makes {@link Kind#DELETED} of what is not deleted, or {@link Kind#GC} of all.
     *
     * @param ranges in order
     * @param changed is added what was changed
     * @return whether a shared type was deleted
     */
    boolean delete(ClockRanges ranges, Kind to, BlockWriter writer, ClockRanges changed) {
        Deletion deletion = new Deletion(ranges, to, writer, changed);
        int i = 0;
        while (i < blocks.size()) {
            int next = ranges.firstEndingAfter(blocks.get(i).clock);
            if (next == ranges.size() || ranges.from(next) >= end()) {
                break;
            }
            if (ranges.from(next) >= blocks.get(i).end) {
                i = blocks.find(ranges.from(next));
            }
            i = deletion.changes(blocks.get(i).read(client)) ? rewrite(i, deletion, writer) : i + 1;
        }
        return deletion.foundType();
    }

    /** Rewrites a block, as the end of the one before if that is small; returns the index of the next. */
    private int rewrite(int index, Deletion deletion, BlockWriter writer) {
        int from = index;
        if (index > 0 && blocks.get(index - 1).size() < Block.TARGET_BYTES / 2) {
            from--;
            writer.resume(blocks.get(from), client);
        }
        deletion.rewrite(blocks.get(index).read(client));
        return blocks.replace(from, index + 1, writer.finish());
    }
}
