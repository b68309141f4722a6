package dev.tutti.store.file;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tutti.store.file.Entry.Header;
import dev.tutti.store.file.Entry.Kind;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of entries. Each entry proves by itself that it is whole and to which document it belongs, and a salvage finds it in a file whose
 * other parts are lost. Immutable.
 *
 * <pre>
 * entry:   header (FRONT)  content, unless it is in pieces  header (BACK)
 * piece:   header (FRONT)  content  header (BACK)
 * catalog: crc:4 (of the rest)  lastUpdate:8  updates:4  updateBytes:8  updateMillis:8  [header (CATALOG) of the state]
 * header:  mark:8  crc:4 (of the rest)  length:2  sequence:8  previous:8  millis:8  kind:1  contentLength:4  contentCrc:4  name
 * </pre>
 *
 * The header comes twice, so that damage in one place leaves either the content or a header that names the loss. The mark is a random number of
 * each file, combined with the place of the header. The authors of documents do not know it, so they cannot forge an entry within an update.
 */
final class EntryFormat {
    /** The places of a header. */
    enum Place {
        FRONT(0),
        BACK(0x5555_5555_5555_5555L),
        /** In the catalog or the map of tombstones, without content. */
        CATALOG(0x3333_3333_3333_3333L);

        private final long mask;

        Place(long mask) {
            this.mask = mask;
        }
    }

    private static final int PREFIX_BYTES = 8 + 4 + 2;
    private static final int FIXED_BYTES = PREFIX_BYTES + 3 * 8 + 1 + 2 * 4;

    /** Length of a catalog's entry without the header of a state. */
    private static final int ENTRY_BYTES = 4 + 8 + 4 + 8 + 8;

    /** Upper bound of a header with the longest name. */
    static final int MAX_HEADER_BYTES = FIXED_BYTES + 4 * 1024;

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

    /** Returns a value for the journal or the map of states; without the content if that is in pieces. */
    byte[] encodeEntry(Header header, byte[] content) {
        return encode(header, Pieces.isLarge(content.length) ? new byte[0] : content);
    }

    /** Returns a value with its content. */
    byte[] encode(Header header, byte[] content) {
        byte[] name = header.name().getBytes(UTF_8);
        ByteBuffer out = ByteBuffer.allocate(2 * (FIXED_BYTES + name.length) + content.length);
        putHeader(out, header, name, Place.FRONT);
        out.put(content);
        putHeader(out, header, name, Place.BACK);
        return out.array();
    }

    /** Returns a value for the map of tombstones: the header twice, because it is nowhere else. */
    byte[] encode(Header tombstone) {
        byte[] name = tombstone.name().getBytes(UTF_8);
        ByteBuffer out = ByteBuffer.allocate(2 * (FIXED_BYTES + name.length));
        putHeader(out, tombstone, name, Place.CATALOG);
        putHeader(out, tombstone, name, Place.CATALOG);
        return out.array();
    }

    /** Returns a value for the catalog. */
    byte[] encode(CatalogEntry entry) {
        Header state = entry.state();
        byte[] name = state == null ? new byte[0] : state.name().getBytes(UTF_8);
        ByteBuffer out = ByteBuffer.allocate(ENTRY_BYTES + (state == null ? 0 : FIXED_BYTES + name.length));
        out.putInt(0).putLong(entry.lastUpdate()).putInt(entry.updates());
        out.putLong(entry.updateBytes()).putLong(entry.updateMillis());
        if (state != null) {
            putHeader(out, state, name, Place.CATALOG);
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
        Header state = value.length == ENTRY_BYTES ? null : headerAt(in, ENTRY_BYTES, Place.CATALOG);
        return new CatalogEntry(state, in.getLong(), in.getInt(), in.getLong(), in.getLong());
    }

    private void putHeader(ByteBuffer out, Header header, byte[] name, Place place) {
        int start = out.position();
        out.putLong(mark(place)).putInt(0).putShort((short) (FIXED_BYTES + name.length));
        out.putLong(header.sequence()).putLong(header.previous()).putLong(header.millis());
        out.put(header.kind().code).putInt(header.contentLength()).putInt(header.contentCrc());
        out.put(name);
        out.putInt(start + 8, crc(out, start, out.position() - start));
    }

    /** Returns the checksum of a header, which leaves out its mark and the checksum itself. */
    private static int crc(ByteBuffer bytes, int start, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().limit(start + length).position(start + 12));
        return (int) crc.getValue();
    }

    /** Returns the header that begins at an index, or null if it is missing or damaged. */
    @Nullable
    Header headerAt(ByteBuffer bytes, int start, Place place) {
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
        return new Header(kind, UTF_8.decode(in).toString(), sequence, previous, millis, contentLength, contentCrc);
    }

    static int headerBytes(Header header) {
        return FIXED_BYTES + header.name().getBytes(UTF_8).length;
    }

    /** Returns the header in a value of the map of tombstones, or null if both copies are damaged. */
    @Nullable
    Header decodeHeader(byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        Header header = headerAt(bytes, 0, Place.CATALOG);
        return header != null ? header : headerAt(bytes, value.length / 2, Place.CATALOG);
    }

    /** Returns the header in a value of the journal or the map of states, or null if both copies are damaged. */
    @Nullable
    Header headerOf(byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        Header front = headerAt(bytes, 0, Place.FRONT);
        if (front != null) {
            return front;
        }
        for (int start = value.length - FIXED_BYTES; start >= FIXED_BYTES; start--) {
            Header back = headerAt(bytes, start, Place.BACK);
            if (back != null) {
                return back;
            }
        }
        return null;
    }

    /** Returns whether the content of an entry is in pieces. */
    static boolean isCut(byte[] value, Header header) {
        return Pieces.isLarge(header.contentLength()) && value.length == 2 * headerBytes(header);
    }

    /** Returns whether a value holds the content that the header describes. */
    static boolean isWhole(byte[] value, Header header) {
        int headerBytes = headerBytes(header);
        return value.length == 2L * headerBytes + header.contentLength()
                && crc(value, headerBytes, header.contentLength()) == header.contentCrc();
    }

    /** Returns the entry in a value, or null if a part of it is damaged. */
    @Nullable
    Entry decode(byte[] value) {
        Header header = headerOf(value);
        if (header == null || !isWhole(value, header)) {
            return null;
        }
        int start = headerBytes(header);
        return new Entry(header, Arrays.copyOfRange(value, start, start + header.contentLength()));
    }
}
