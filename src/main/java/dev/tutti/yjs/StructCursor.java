package dev.tutti.yjs;

import org.jspecify.annotations.Nullable;

/**
 * Reads the structs of one client in ranges of clocks, and cuts them at the ends of each range. Ranges in order cost one read of each block that
 * they touch. The blocks must not change meanwhile. Confined to its user.
 */
final class StructCursor {
    private final Blocks blocks;
    private final long client;
    private int from;
    private int to;
    /** Index of the next block. */
    private int block;

    private @Nullable StructReader reader;
    /** The struct that was read and not returned, or the rest of it. */
    private @Nullable Struct rest;

    StructCursor(Blocks blocks, long client) {
        this.blocks = blocks;
        this.client = client;
    }

    /** Continues with the structs from {@code fromClock} to before {@code toClock}, not before the previous range. */
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

    /** Returns the next struct, which may be cut; the next call reuses the object. Null at the end of the range. */
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
