package dev.tutti.store.file;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.store.file.Entry.Head;
import dev.tutti.store.file.Entry.Kind;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How entries are written: so that each proves by itself that it is whole and whose it is, and can be found in a file of which nothing else
 * is known. Immutable.
 *
 * <pre>
 * entry:   head (FRONT)  content, unless it is in pieces  head (BACK)
 * piece:   head (FRONT)  content  head (BACK)
 * catalog: crc:4 (of what follows)  lastUpdate:8  updates:4  updateBytes:8  updateMillis:8  [head (CATALOG) of the state]
 * head:    mark:8  crc:4 (of what follows)  length:2  sequence:8  previous:8  millis:8  kind:1  contentLength:4  contentCrc:4  name
 * </pre>
 *
 * The head comes twice, so that damage in one place leaves either a head that tells what was lost or the content. The mark is a random number
 * that each file has, changed by where the head stands; who writes documents does not know it, and cannot put an entry into one.
 */
final class EntryFormat {
    /** Where a head stands. */
    enum Place {
        FRONT(0),
        BACK(0x5555_5555_5555_5555L),
        /** In the catalog or the deletions, without content. */
        CATALOG(0x3333_3333_3333_3333L);

        private final long mask;

        Place(long mask) {
            this.mask = mask;
        }
    }

    private static final int PREFIX_BYTES = 8 + 4 + 2;
    private static final int FIXED_BYTES = PREFIX_BYTES + 3 * 8 + 1 + 2 * 4;

    /** What a catalog's entry takes beside the head of a state. */
    private static final int ENTRY_BYTES = 4 + 8 + 4 + 8 + 8;

    /** More than any name takes. */
    static final int MAX_HEAD_BYTES = FIXED_BYTES + 4 * 1024;

    private final long mark;

    EntryFormat(long mark) {
        this.mark = mark;
    }

    long mark() {
        return mark;
    }

    long mark(Place place) {
        return mark ^ place.mask;
    }

    static int crc(byte[] bytes, int start, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, start, length);
        return (int) crc.getValue();
    }

    /** Returns a value for the journal or the states: without the content if that is in pieces. */
    byte[] encodeEntry(Head head, byte[] content) {
        return encode(head, Pieces.isLarge(content.length) ? new byte[0] : content);
    }

    /** Returns a value with its content. */
    byte[] encode(Head head, byte[] content) {
        byte[] name = head.name().getBytes(UTF_8);
        ByteBuffer out = ByteBuffer.allocate(2 * (FIXED_BYTES + name.length) + content.length);
        putHead(out, head, name, Place.FRONT);
        out.put(content);
        putHead(out, head, name, Place.BACK);
        return out.array();
    }

    /** Returns a value for the deletions: the head twice, for it is nowhere else. */
    byte[] encode(Head deletion) {
        byte[] name = deletion.name().getBytes(UTF_8);
        ByteBuffer out = ByteBuffer.allocate(2 * (FIXED_BYTES + name.length));
        putHead(out, deletion, name, Place.CATALOG);
        putHead(out, deletion, name, Place.CATALOG);
        return out.array();
    }

    /** Returns a value for the catalog. */
    byte[] encode(CatalogEntry entry) {
        Head state = entry.state();
        byte[] name = state == null ? new byte[0] : state.name().getBytes(UTF_8);
        ByteBuffer out = ByteBuffer.allocate(ENTRY_BYTES + (state == null ? 0 : FIXED_BYTES + name.length));
        out.putInt(0).putLong(entry.lastUpdate()).putInt(entry.updates());
        out.putLong(entry.updateBytes()).putLong(entry.updateMillis());
        if (state != null) {
            putHead(out, state, name, Place.CATALOG);
        }
        return out.putInt(0, crc(out.array(), 4, out.capacity() - 4)).array();
    }

    /** Returns the entry in a catalog's value, or null if it is damaged. */
    @Nullable
    CatalogEntry decodeCatalogEntry(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        if (value.length < ENTRY_BYTES || in.getInt() != crc(value, 4, value.length - 4)) {
            return null;
        }
        Head state = value.length == ENTRY_BYTES ? null : headAt(in, ENTRY_BYTES, Place.CATALOG);
        return new CatalogEntry(state, in.getLong(), in.getInt(), in.getLong(), in.getLong());
    }

    private void putHead(ByteBuffer out, Head head, byte[] name, Place place) {
        int start = out.position();
        out.putLong(mark(place)).putInt(0).putShort((short) (FIXED_BYTES + name.length));
        out.putLong(head.sequence()).putLong(head.previous()).putLong(head.millis());
        out.put(head.kind().code).putInt(head.contentLength()).putInt(head.contentCrc());
        out.put(name);
        out.putInt(start + 8, crc(out, start, out.position() - start));
    }

    /** Returns the checksum of a head, without its mark and the checksum itself. */
    private static int crc(ByteBuffer bytes, int start, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().limit(start + length).position(start + 12));
        return (int) crc.getValue();
    }

    /** Returns the head that begins at an index, or null if there is none or it is damaged. */
    @Nullable
    Head headAt(ByteBuffer bytes, int start, Place place) {
        if (bytes.limit() - start < FIXED_BYTES || bytes.getLong(start) != mark(place)) {
            return null;
        }
        int length = Short.toUnsignedInt(bytes.getShort(start + 12));
        if (length < FIXED_BYTES
                || bytes.limit() - start < length
                || bytes.getInt(start + 8) != crc(bytes, start, length)) {
            return null;
        }
        ByteBuffer in = bytes.duplicate().limit(start + length).position(start + PREFIX_BYTES);
        long sequence = in.getLong();
        long previous = in.getLong();
        long millis = in.getLong();
        Kind kind = Kind.of(in.get());
        int contentLength = in.getInt();
        int contentCrc = in.getInt();
        return new Head(kind, UTF_8.decode(in).toString(), sequence, previous, millis, contentLength, contentCrc);
    }

    static int headBytes(Head head) {
        return FIXED_BYTES + head.name().getBytes(UTF_8).length;
    }

    /** Returns the head in a value of the deletions, or null if it is damaged. */
    @Nullable
    Head decodeHead(byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        Head head = headAt(bytes, 0, Place.CATALOG);
        return head != null ? head : headAt(bytes, value.length / 2, Place.CATALOG);
    }

    /** Returns the head of a value of the journal or the states, from either end, or null if both are damaged. */
    @Nullable
    Head headOf(byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        Head front = headAt(bytes, 0, Place.FRONT);
        if (front != null) {
            return front;
        }
        for (int start = value.length - FIXED_BYTES; start >= FIXED_BYTES; start--) {
            Head back = headAt(bytes, start, Place.BACK);
            if (back != null) {
                return back;
            }
        }
        return null;
    }

    /** Returns whether the content of an entry is in pieces. */
    static boolean isCut(byte[] value, Head head) {
        return Pieces.isLarge(head.contentLength()) && value.length == 2 * headBytes(head);
    }

    /** Returns whether the content of a value is what the head says. */
    static boolean isWhole(byte[] value, Head head) {
        int headBytes = headBytes(head);
        return value.length == 2L * headBytes + head.contentLength()
                && crc(value, headBytes, head.contentLength()) == head.contentCrc();
    }

    /** Returns the entry in a value, or null if a part of it is damaged. */
    @Nullable
    Entry decode(byte[] value) {
        Head head = headOf(value);
        if (head == null || !isWhole(value, head)) {
            return null;
        }
        int start = headBytes(head);
        return new Entry(head, Arrays.copyOfRange(value, start, start + head.contentLength()));
    }
}
