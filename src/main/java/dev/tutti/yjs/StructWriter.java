package dev.tutti.yjs;

import dev.tutti.yjs.lib0.Lib0Writer;

/**
 * Writes structs of one client, and merges neighbours that can be one struct. All encodings are written by this class, so each is as short as
 * possible wherever its parts came from. Confined to its user.
 *
 * <p>The writer holds the last struct back until the next one does not continue it. It writes two forms: that of an update, in which the length
 * of a text shows only when it is read; and that of a block, with length and size in bytes first, so that a reader can skip quickly.
 */
final class StructWriter {
    private final boolean stores;
    private final int maxMergedBytes;
    private final Lib0Writer out;

    private final Struct last = new Struct();
    private boolean hasLast;
    /** The content of the last struct, if it is merged from several. */
    private final Lib0Writer merged = new Lib0Writer();

    private boolean isMerged;

    private int count;
    private int firstClock;
    private int lastAt;
    private int lastClock;

    private StructWriter(boolean stores, int maxMergedBytes, Lib0Writer out) {
        this.stores = stores;
        this.maxMergedBytes = maxMergedBytes;
        this.out = out;
    }

    /** Returns a writer of updates. */
    static StructWriter forUpdate() {
        return new StructWriter(false, Integer.MAX_VALUE, new Lib0Writer());
    }

    /** Returns a writer of blocks, for {@link StructReader#readStored}. Merged contents have at most {@code maxMergedBytes}. */
    static StructWriter forStore(int maxMergedBytes) {
        return new StructWriter(true, maxMergedBytes, new Lib0Writer(maxMergedBytes));
    }

    /** Removes everything. */
    void clear() {
        out.clear();
        hasLast = false;
        count = 0;
    }

    /** Begins again with {@code structs} structs that were written before, and that no later struct continues. */
    void resume(byte[] bytes, int to, int structs, int clock) {
        clear();
        out.write(bytes, 0, to);
        count = structs;
        firstClock = clock;
    }

    /** Returns whether {@link #add} would merge this struct with the last. */
    boolean merges(Struct struct) {
        return hasLast && last.isContinuedBy(struct) && contentBytes() + (long) struct.contentBytes() <= maxMergedBytes;
    }

    /** Writes a struct. Its bytes must not change before {@link #finish}. */
    void add(Struct struct) {
        if (!merges(struct)) {
            finish();
            if (count == 0) {
                firstClock = struct.clock;
            }
            last.set(struct);
            hasLast = true;
            isMerged = false;
            return;
        }
        if (!struct.kind.isHollow()) {
            if (!isMerged) {
                merged.clear();
                last.writeContent(merged);
                isMerged = true;
            }
            struct.writeContent(merged);
        }
        last.length += struct.length;
    }

    /** Writes the struct that is held back. */
    void finish() {
        if (hasLast) {
            hasLast = false;
            count++;
            lastAt = out.size();
            lastClock = last.clock;
            writeHeader();
            writeContent();
        }
    }

    private void writeHeader() {
        out.writeByte(last.kind.number()
                | (last.originClient == Struct.NONE ? 0 : StructReader.HAS_ORIGIN)
                | (last.rightClient == Struct.NONE ? 0 : StructReader.HAS_RIGHT)
                | (last.hasKey ? StructReader.HAS_KEY : 0));
        if (last.originClient != Struct.NONE) {
            out.writeVarUint(last.originClient);
            out.writeVarUint(last.originClock);
        }
        if (last.rightClient != Struct.NONE) {
            out.writeVarUint(last.rightClient);
            out.writeVarUint(last.rightClock);
        }
        out.write(last.bytes, last.parentFrom, last.parentTo - last.parentFrom);
    }

    private void writeContent() {
        boolean hollow = last.kind.isHollow();
        if (stores || hollow || last.kind == Kind.ANY || last.kind == Kind.JSON) {
            out.writeVarUint(last.length);
        }
        if (hollow) {
            return;
        }
        if (stores || last.kind == Kind.STRING) {
            out.writeVarUint(contentBytes());
        }
        if (isMerged) {
            out.write(merged);
        } else {
            last.writeContent(out);
        }
    }

    private int contentBytes() {
        return isMerged ? merged.size() : last.contentBytes();
    }

    boolean isEmpty() {
        return count == 0 && !hasLast;
    }

    /** Returns the bytes written, without a struct that is held back. */
    int size() {
        return out.size();
    }

    /** Returns the structs written, without one that is held back. */
    int count() {
        return count;
    }

    /** Returns the clock of the first struct. */
    int firstClock() {
        return firstClock;
    }

    /** Returns the clock of the last written struct. */
    int lastClock() {
        return lastClock;
    }

    /** Returns the index of the first byte of the last written struct. */
    int lastAt() {
        return lastAt;
    }

    byte[] toByteArray() {
        return out.toByteArray();
    }

    /** Appends the written structs to {@code other}. */
    void writeTo(Lib0Writer other) {
        other.write(out);
    }
}
