package dev.tutti.yjs;

import dev.tutti.yjs.lib0.Lib0Reader;

/**
 * Some structs of one client, contiguous by clock, as {@link StructWriter} stores them. Immutable: a change makes a new one, which
 * costs the same in a document of any size.
 */
final class Block {
    /**
     * Size of a block in bytes, give or take one struct. A change copies a block, and a look-up walks over half of one, which takes about
     * half a microsecond.
     */
    static final int TARGET_BYTES = 1024;

    /** The object, its array's header, padding and the reference to it. */
    static final int OVERHEAD_BYTES = 72;

    /** The first clock. */
    final int clock;
    /** The clock after the last. */
    final int end;

    final int count;
    /** Whether a {@link Kind#SKIP} is among the structs. */
    final boolean hasGap;
    /** Whether a struct with content is among them, which a delete would change. */
    final boolean hasContent;

    private final int lastAt;
    private final int lastClock;
    private final byte[] bytes;

    /** Holds the structs that a writer has written, up to before clock {@code end}. */
    Block(StructWriter structs, int end, boolean hasGap, boolean hasContent) {
        this.clock = structs.firstClock();
        this.end = end;
        this.count = structs.count();
        this.hasGap = hasGap;
        this.hasContent = hasContent;
        this.lastAt = structs.lastAt();
        this.lastClock = structs.lastClock();
        this.bytes = structs.toByteArray();
    }

    int size() {
        return bytes.length;
    }

    /** Returns about the bytes of memory that this takes. */
    int memoryBytes() {
        return OVERHEAD_BYTES + bytes.length;
    }

    /** Returns a reader of the structs. */
    StructReader read(long client) {
        StructReader reader = new StructReader(new Lib0Reader(bytes));
        reader.start(client, clock);
        return reader;
    }

    /** Returns a reader that begins at the last struct if a clock is in it, and else at the first. */
    StructReader readFrom(long client, int from) {
        return from >= lastClock ? readLast(client) : read(client);
    }

    /** Returns a reader of the last struct. */
    StructReader readLast(long client) {
        StructReader reader = new StructReader(new Lib0Reader(bytes, lastAt, bytes.length));
        reader.start(client, lastClock);
        return reader;
    }

    /** Begins {@code structs} with all but the last of these. */
    void resume(StructWriter structs) {
        structs.resume(bytes, lastAt, count - 1, clock);
    }
}
