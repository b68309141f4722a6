package dev.tutti.yjs;

import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.Lib0Writer;
import dev.tutti.yjs.lib0.MalformedUpdateException;
import dev.tutti.yjs.lib0.Utf8;

/**
 * One struct: {@code length} clocks of one client from {@code clock} on. Its parent and content are not decoded; they stay in {@code bytes}. A
 * reader reuses one object for all structs; a caller that keeps a struct must {@link #copy} it. Confined to its user.
 *
 * <p>Splitting a struct and merging the parts again changes nothing: the second part's origin is the first's last clock, its right
 * origin is the first's. As in Yjs, each half of a split surrogate pair becomes U+FFFD.
 */
final class Struct {
    /** The client of an absent id. */
    static final long NONE = -1;

    /** About the bytes of the first byte, the lengths and a neighbour. */
    private static final int HEADER_BYTES = 12;

    private static final byte[] NO_BYTES = {};
    private static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};

    Kind kind = Kind.SKIP;
    long client;
    int clock;
    int length;

    /** The left neighbour at the insertion; {@link #NONE} if there was none. */
    long originClient = NONE;

    int originClock;
    /** The right neighbour at the insertion; {@link #NONE} if there was none. */
    long rightClient = NONE;

    int rightClock;

    /** The item of the parent type; {@link #NONE} if a neighbour implies it, or if it is a root of the document. */
    long parentClient = NONE;

    int parentClock;

    byte[] bytes = NO_BYTES;
    /** The encoded parent, with the key in it if {@link #hasKey}; empty if a neighbour implies both. */
    int parentFrom;

    int parentTo;
    boolean hasKey;
    /** The encoded content, without its length where that follows from the content. */
    int contentFrom;

    int contentTo;
    /** The first unit is the second half of a split surrogate pair, and not among the bytes. */
    private boolean halfFirst;
    /** The last unit is the first half of a split surrogate pair, and not among the bytes. */
    private boolean halfLast;

    /** Returns a gap from {@code from} to before {@code to}. */
    static Struct skip(int from, int to) {
        Struct skip = new Struct();
        skip.clock = from;
        skip.length = to - from;
        return skip;
    }

    void clear(long ofClient, int atClock) {
        client = ofClient;
        clock = atClock;
        originClient = NONE;
        rightClient = NONE;
        clearParent();
        contentTo = contentFrom;
        halfFirst = false;
        halfLast = false;
    }

    void set(Struct other) {
        kind = other.kind;
        client = other.client;
        clock = other.clock;
        length = other.length;
        originClient = other.originClient;
        originClock = other.originClock;
        rightClient = other.rightClient;
        rightClock = other.rightClock;
        parentClient = other.parentClient;
        parentClock = other.parentClock;
        bytes = other.bytes;
        parentFrom = other.parentFrom;
        parentTo = other.parentTo;
        hasKey = other.hasKey;
        contentFrom = other.contentFrom;
        contentTo = other.contentTo;
        halfFirst = other.halfFirst;
        halfLast = other.halfLast;
    }

    Struct copy() {
        Struct copy = new Struct();
        copy.set(this);
        return copy;
    }

    /** Returns the clock after the last one. */
    int end() {
        return clock + length;
    }

    private void clearParent() {
        parentClient = NONE;
        parentTo = parentFrom;
        hasKey = false;
    }

    int contentBytes() {
        return contentTo - contentFrom + (halfFirst ? REPLACEMENT.length : 0) + (halfLast ? REPLACEMENT.length : 0);
    }

    /** Returns about the bytes that this takes in a block. */
    int storedBytes() {
        return HEADER_BYTES + parentTo - parentFrom + contentBytes();
    }

    void writeContent(Lib0Writer out) {
        if (halfFirst) {
            out.write(REPLACEMENT, 0, REPLACEMENT.length);
        }
        out.write(bytes, contentFrom, contentTo - contentFrom);
        if (halfLast) {
            out.write(REPLACEMENT, 0, REPLACEMENT.length);
        }
    }

    /** Returns whether {@code next} can be merged to the end of this struct, as if it had been split off. */
    boolean isContinuedBy(Struct next) {
        if (kind != next.kind || end() != next.clock) {
            return false;
        }
        if (!kind.isItem()) {
            return true;
        }
        return (kind == Kind.DELETED || kind.isSequence())
                && next.originClient == client
                && next.originClock == next.clock - 1
                && rightClient == next.rightClient
                && (rightClient == NONE || rightClock == next.rightClock);
    }

    /** Drops the deleted content, and the position too unless {@code to} is an item. */
    void delete(Kind to) {
        kind = to;
        contentTo = contentFrom;
        halfFirst = false;
        halfLast = false;
        if (!to.isItem()) {
            originClient = NONE;
            rightClient = NONE;
            clearParent();
        }
    }

    /** Returns a struct of the first units; more than 0 and fewer than all. */
    Struct first(int units) {
        Struct first = copy();
        first.length = units;
        if (!kind.isHollow()) {
            int cut = cut(units);
            first.halfLast = cut < 0;
            first.contentTo = cut < 0 ? ~cut : cut;
        }
        return first;
    }

    /** Drops the first units, which {@link #first} returns; more than 0 and fewer than all. */
    void dropFirst(int units) {
        if (!kind.isHollow()) {
            int cut = cut(units);
            halfFirst = cut < 0;
            contentFrom = cut < 0 ? ~cut + 4 : cut;
        }
        clock += units;
        length -= units;
        if (kind.isItem()) {
            originClient = client;
            originClock = clock - 1;
            clearParent();
        }
    }

    /** Drops the clocks before {@code from}, if there are any; not all. */
    void dropUntil(int from) {
        if (from > clock) {
            dropFirst(from - clock);
        }
    }

    /** Returns the index of the byte after so many units of content; if that splits a surrogate pair, {@code ~} the index of the pair. */
    private int cut(int units) {
        if (kind == Kind.STRING) {
            return Utf8.skip(bytes, contentFrom, halfFirst ? units - 1 : units);
        }
        Lib0Reader in = new Lib0Reader(bytes, contentFrom, contentTo);
        for (int left = units; left > 0; left--) {
            skipElement(in);
        }
        return in.position();
    }

    /** Returns the largest number of first units whose content has at most {@code maxBytes}; at least one character. */
    int unitsWithin(int maxBytes) {
        if (contentTo - contentFrom <= maxBytes) {
            return length;
        }
        if (kind == Kind.STRING) {
            int to = Utf8.boundary(bytes, contentFrom + maxBytes);
            return Utf8.units(bytes, contentFrom, to) + (halfFirst ? 1 : 0);
        }
        Lib0Reader in = new Lib0Reader(bytes, contentFrom, contentTo);
        int units = 0;
        do {
            skipElement(in);
            units++;
        } while (in.position() - contentFrom <= maxBytes);
        return Math.max(1, units - 1);
    }

    /** Skips an element, which was checked when it was received. */
    private void skipElement(Lib0Reader in) {
        try {
            if (kind == Kind.ANY) {
                in.skipAny();
            } else {
                in.skipVarBytes();
            }
        } catch (MalformedUpdateException e) {
            throw new IllegalStateException(e);
        }
    }
}
