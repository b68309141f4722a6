package dev.tutti.yjs;

import dev.tutti.yjs.lib0.Lib0Reader;
import dev.tutti.yjs.lib0.MalformedUpdateException;

/**
 * Reads an update from its beginning to its end: {@link #nextClient}, {@link #hasStruct} and {@link #nextStruct} until there are no more, then
 * {@link #nextDeletes}. Confined to its user.
 *
 * <pre>
 * update  = clients { structs client clock { struct } } deletes
 * deletes = clients { client ranges { clock length } }
 * </pre>
 */
final class UpdateReader {
    /** Three numbers. */
    private static final int MIN_SECTION_BYTES = 3;

    /** Two numbers. */
    private static final int MIN_DELETES_BYTES = 2;

    private static final int MIN_RANGE_BYTES = 2;

    private final Lib0Reader in;
    private final StructReader structs;
    private final ClockRanges ranges = new ClockRanges();
    private int sectionsLeft;
    private int structsLeft;
    private int deletesLeft;
    private long client;

    UpdateReader(byte[] update) throws MalformedUpdateException {
        in = new Lib0Reader(update);
        structs = new StructReader(in);
        sectionsLeft = in.readCount(MIN_SECTION_BYTES);
    }

    /** Goes to the next client with structs; false if there is none, and the deletes follow. */
    boolean nextClient() throws MalformedUpdateException {
        if (sectionsLeft == 0) {
            deletesLeft = in.readCount(MIN_DELETES_BYTES);
            return false;
        }
        sectionsLeft--;
        structsLeft = in.readCount(1);
        client = in.readVarUint();
        structs.start(client, in.readClock());
        if (structsLeft > in.remaining() / StructReader.MIN_STRUCT_BYTES) {
            throw new MalformedUpdateException("counts more than there is");
        }
        return true;
    }

    boolean hasStruct() {
        return structsLeft > 0;
    }

    /** Returns the next struct, in the order of clocks; the next call reuses the object. */
    Struct nextStruct() throws MalformedUpdateException {
        structsLeft--;
        return structs.readUpdate();
    }

    /** Goes to the next client with deletes; false if there is none and the update ends. */
    boolean nextDeletes() throws MalformedUpdateException {
        if (deletesLeft == 0) {
            in.expectEnd();
            return false;
        }
        deletesLeft--;
        client = in.readVarUint();
        ranges.clear();
        for (int left = in.readCount(MIN_RANGE_BYTES); left > 0; left--) {
            int clock = in.readClock();
            int length = in.readClock();
            if (length > Lib0Reader.MAX_CLOCK - clock) {
                throw new MalformedUpdateException("a clock beyond 2^31");
            }
            ranges.add(clock, clock + length);
        }
        ranges.normalize();
        return true;
    }

    /** Returns the client whose structs or deletes are being read. */
    long client() {
        return client;
    }

    /** Returns the deletes of {@link #client}, in order; the next call reuses the object. */
    ClockRanges deletes() {
        return ranges;
    }

    /** Returns the index of the next byte. */
    int position() {
        return in.position();
    }
}
