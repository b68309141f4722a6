package dev.tutti.store.file;

import dev.tutti.store.file.Entry.Header;
import dev.tutti.store.file.Entry.Kind;
import java.util.Arrays;
import org.h2.mvstore.MVMap;
import org.jspecify.annotations.Nullable;

/**
 * The large contents of a volume, each cut into pieces, so that writing or reading one needs little memory beside the content itself. A piece
 * proves by itself that it is whole, as an entry does: its header has the sequence of its entry, and the number of the piece instead of the
 * previous sequence. As safe for threads as the map.
 */
record Pieces(EntryFormat format, MVMap<Long, byte[]> map) {
    /** Length of all pieces but the last; a longer content is cut. Part of the format. */
    static final int PIECE_BYTES = 256 << 10;

    /** Bits of a key for the number of the piece; a content of 2 GiB has 2^13 pieces. */
    private static final int NUMBER_BITS = 16;

    static boolean isLarge(int contentLength) {
        return contentLength > PIECE_BYTES;
    }

    /** Returns the number of pieces of a content. */
    static int count(int contentLength) {
        return (contentLength - 1) / PIECE_BYTES + 1;
    }

    static long key(long sequence, long number) {
        return sequence << NUMBER_BITS | number;
    }

    static long sequence(long key) {
        return key >>> NUMBER_BITS;
    }

    /** Writes one piece of the content of an entry that will follow. */
    void put(String name, long sequence, int number, byte[] content) {
        byte[] piece = Arrays.copyOfRange(content, start(number), start(number) + length(content.length, number));
        int crc = EntryFormat.crc(piece, 0, piece.length);
        Header header = new Header(Kind.PIECE, name, sequence, number, 0, piece.length, crc);
        map.put(key(sequence, number), format.encode(header, piece));
    }

    /** Returns the content of an entry, or null if a part of it is damaged. */
    byte @Nullable [] read(Header entry) {
        byte[] content = new byte[entry.contentLength()];
        for (int number = 0; number < count(content.length); number++) {
            byte[] value = map.get(key(entry.sequence(), number));
            if (value == null || !isPiece(value, entry, number)) {
                return null;
            }
            int length = length(content.length, number);
            System.arraycopy(value, EntryFormat.headerBytes(entry), content, start(number), length);
        }
        return EntryFormat.crc(content, 0, content.length) == entry.contentCrc() ? content : null;
    }

    /** Returns whether a value is this piece of an entry, and whole. */
    boolean isPiece(byte[] value, Header entry, long number) {
        Header piece = format.headerOf(value);
        return piece != null && isPiece(piece, entry, number) && EntryFormat.isWhole(value, piece);
    }

    /** Returns whether a header is that of this piece of an entry. */
    static boolean isPiece(Header piece, Header entry, long number) {
        return piece.kind() == Kind.PIECE
                && piece.sequence() == entry.sequence()
                && piece.previous() == number
                && number < count(entry.contentLength())
                && piece.contentLength() == length(entry.contentLength(), (int) number)
                && piece.name().equals(entry.name());
    }

    /** Returns the document of an entry's pieces, or null if the entry has none. */
    @Nullable
    String nameOf(long sequence) {
        byte[] value = map.get(key(sequence, 0));
        Header piece = value == null ? null : format.headerOf(value);
        return piece == null ? null : piece.name();
    }

    /** Returns whether the map has all pieces of a content, without reading them. */
    boolean isComplete(long sequence, int contentLength) {
        return map.containsKey(key(sequence, count(contentLength) - 1L));
    }

    /** Removes the pieces of an entry. Returns whether it had any. */
    boolean remove(long sequence) {
        int number = 0;
        while (map.remove(key(sequence, number)) != null) {
            number++;
        }
        return number > 0;
    }

    private static int start(int number) {
        return number * PIECE_BYTES;
    }

    private static int length(int contentLength, int number) {
        return Math.min(PIECE_BYTES, contentLength - start(number));
    }
}
