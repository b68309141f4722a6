package dev.tutti.yjs;

import org.jspecify.annotations.Nullable;

/**
 * Reads the structs of one client between two clocks, cut accordingly, and then on from a later clock: ranges in order cost no more
 * than the blocks that they are in, each read once. The blocks must not change meanwhile.
 */
final class StructCursor {
    private final Blocks blocks;
    private final long client;
    private int from;
    private int to;
    /** The index of the next block. */
    private int block;

    private @Nullable StructReader reader;
    /** What was read and not returned yet, or not all of it. */
    private @Nullable Struct rest;

    StructCursor(Blocks blocks, long client) {
        this.blocks = blocks;
        this.client = client;
    }

    /** Goes to the structs from one clock to before another; the first is not before those that were read. */
    StructCursor seek(int fromClock, int toClock) {
        from = fromClock;
        to = toClock;
        if (reader == null || blocks.get(block - 1).end <= from) {
            block = blocks.find(from);
            reader = null;
            rest = null;
        }
        return this;
    }

    /** Returns the next struct, which may be cut and is set again by the next call; null if there is none. */
    @Nullable
    Struct next() {
        while (rest == null || rest.end() <= from) {
            if (reader == null || !reader.hasNext()) {
                if (block >= blocks.size() || blocks.get(block).clock >= to) {
                    return null;
                }
                reader = blocks.get(block++).readFrom(client, from);
            }
            rest = reader.readStored();
        }
        Struct struct = rest;
        if (struct.clock >= to) {
            return null;
        }
        struct.dropUntil(from);
        if (struct.end() > to) {
            Struct first = struct.first(to - struct.clock);
            struct.dropUntil(to);
            return first;
        }
        rest = null;
        return struct;
    }
}
