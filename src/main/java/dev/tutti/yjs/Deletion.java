package dev.tutti.yjs;

/** Structs of one client on their way through a delete: from the blocks they were in to those they will be in. */
final class Deletion {
    private final ClockRanges ranges;
    private final Kind to;
    private final BlockWriter writer;
    private final ClockRanges changed;
    private boolean foundType;

    /** Makes a delete of {@code ranges}, in order; adds what it changes to {@code changed}. */
    Deletion(ClockRanges ranges, Kind to, BlockWriter writer, ClockRanges changed) {
        this.ranges = ranges;
        this.to = to;
        this.writer = writer;
        this.changed = changed;
    }

    /** Returns whether any of these structs would change. */
    boolean changes(StructReader reader) {
        while (reader.hasNext()) {
            Struct struct = reader.readStored();
            if (changes(struct)) {
                int next = ranges.firstEndingAfter(struct.clock);
                if (next < ranges.size() && ranges.from(next) < struct.end()) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean changes(Struct struct) {
        return to == Kind.GC ? struct.kind.isItem() : !struct.kind.isHollow();
    }

    /** Writes these structs with those deleted that are in the ranges. */
    void rewrite(StructReader reader) {
        while (reader.hasNext()) {
            Struct struct = reader.readStored();
            if (changes(struct)) {
                rewrite(struct);
            } else {
                writer.add(struct);
            }
        }
    }

    private void rewrite(Struct struct) {
        for (int i = ranges.firstEndingAfter(struct.clock); i < ranges.size() && ranges.from(i) < struct.end(); i++) {
            if (ranges.from(i) > struct.clock) {
                writer.add(struct.first(ranges.from(i) - struct.clock));
                struct.dropUntil(ranges.from(i));
            }
            if (ranges.to(i) >= struct.end()) {
                writeDeleted(struct);
                return;
            }
            writeDeleted(struct.first(ranges.to(i) - struct.clock));
            struct.dropUntil(ranges.to(i));
        }
        writer.add(struct);
    }

    private void writeDeleted(Struct struct) {
        foundType |= struct.kind == Kind.TYPE;
        changed.add(struct.clock, struct.end());
        struct.delete(to);
        writer.add(struct);
    }

    /** Returns whether a shared type was deleted. */
    boolean foundType() {
        return foundType;
    }
}
