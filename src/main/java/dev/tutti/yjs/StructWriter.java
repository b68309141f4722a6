package dev.tutti.yjs;

import dev.tutti.yjs.lib0.Lib0Writer;

/**
 * Writes structs of one client, one after the other, and makes one of neighbours that are one split apart. Everything that is
 * written goes through here, so an encoding is as short as it can be wherever its parts came from. Confined to its user.
 *
 * <p>The last struct is held back until the next turns out not to continue it. Two forms: as an update has it, where the length of
 * a text shows only when it is read; and stored, with its length and its size in bytes in front, to be walked over quickly.
 */
final class StructWriter {
    private final boolean stores;
    private final int maxMergedBytes;
    private final Lib0Writer out;

    private final Struct last = new Struct();
    private boolean hasLast;
    /** The last one's content, if it was put together from several. */
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

    /** Makes one that writes what an update has. */
    static StructWriter forUpdate() {
        return new StructWriter(false, Integer.MAX_VALUE, new Lib0Writer());
    }

    /** Makes one that writes what {@link StructReader#readStored} reads; no content grows beyond so many bytes by merging. */
    static StructWriter forStore(int maxMergedBytes) {
        return new StructWriter(true, maxMergedBytes, new Lib0Writer(maxMergedBytes));
    }

    /** Begins anew. */
    void clear() {
        out.clear();
        hasLast = false;
        count = 0;
    }

    /** Begins anew after {@code structs} that were written before, which none that follows continues. */
    void resume(byte[] bytes, int to, int structs, int clock) {
        clear();
        out.write(bytes, 0, to);
        count = structs;
        firstClock = clock;
    }

    /** Returns whether {@link #add} would make one of this struct and the last. */
    boolean merges(Struct struct) {
        return hasLast && last.isContinuedBy(struct) && contentBytes() + (long) struct.contentBytes() <= maxMergedBytes;
    }

    /** Writes a struct. What its parent and content lie in must not change before {@link #finish}. */
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

    /** Writes what was held back. */
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

    /** Returns how many bytes were written; these are all after {@link #finish}. */
    int size() {
        return out.size();
    }

    /** Returns how many structs were written; these are all after {@link #finish}. */
    int count() {
        return count;
    }

    /** Returns the clock of the first struct. */
    int firstClock() {
        return firstClock;
    }

    /** Returns the clock of the last struct that was written. */
    int lastClock() {
        return lastClock;
    }

    /** Returns where the last struct that was written begins. */
    int lastAt() {
        return lastAt;
    }

    byte[] toByteArray() {
        return out.toByteArray();
    }

    /** Appends what was written to {@code other}. */
    void writeTo(Lib0Writer other) {
        other.write(out);
    }
}
