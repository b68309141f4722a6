package dev.tutti.yjs;

import org.jspecify.annotations.Nullable;

/** Reads the structs of one client from one clock to before another, cut accordingly. The blocks must not change meanwhile. */
final class StructCursor {
    private final Blocks blocks;
    private final long client;
    private final int from;
    private final int to;
    private int block;
    private @Nullable StructReader reader;

    StructCursor(Blocks blocks, long client, int from, int to) {
        this.blocks = blocks;
        this.client = client;
        this.from = from;
        this.to = to;
        this.block = blocks.find(from);
    }

    /** Returns the next struct, which may be cut and is set again by the next call; null if there is none. */
    @Nullable
    Struct next() {
        while (true) {
            if (reader == null || !reader.hasNext()) {
                if (block >= blocks.size() || blocks.get(block).clock >= to) {
                    return null;
                }
                reader = blocks.get(block++).readFrom(client, from);
            }
            Struct struct = reader.readStored();
            if (struct.clock >= to) {
                return null;
            }
            if (struct.clock >= from && struct.end() <= to) {
                return struct;
            }
            if (struct.end() > from) {
                return struct.part(Math.max(from, struct.clock), Math.min(to, struct.end()));
            }
        }
    }
}
