package dev.tutti.store.file;

import dev.tutti.store.file.Entry.Header;
import dev.tutti.store.file.Entry.Kind;
import dev.tutti.store.file.EntryFormat.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Finds entries and pieces in a damaged file by their marks, at any position and without the rest of the file. Confined to the thread that
 * opens the store.
 */
final class EntryScan implements AutoCloseable {
    private static final int BLOCK_BYTES = 1 << 20;
    private static final int CHECKED_BYTES = 64 << 10;

    /** Content position of an entry with a damaged content. */
    private static final long LOST = -1;

    /** Content position of an entry whose pieces are all sound. */
    private static final long CUT = -2;

    /** An entry or a piece in the file, with the position of its content or one of the values above. */
    record Found(Header header, long contentPosition) {
        boolean isSound() {
            return contentPosition != LOST;
        }
    }

    private final FileChannel file;
    private final EntryFormat format;
    /** The scan ignores entries up to this sequence. */
    private final long horizon;

    /** By their sequence. */
    private final Map<Long, Found> entries = new HashMap<>();
    /** By {@link Pieces#key}. */
    private final Map<Long, Found> pieces = new HashMap<>();

    /**
     * Scans a file.
     *
     * @param horizon the scan ignores entries up to this sequence
     */
    EntryScan(Path path, long mark, long horizon) throws IOException {
        this.horizon = horizon;
        format = new EntryFormat(mark);
        file = FileChannel.open(path, StandardOpenOption.READ);
        try {
            find();
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
        entries.replaceAll((sequence, entry) ->
                entry.isSound() || !hasPieces(entry.header()) ? entry : new Found(entry.header(), CUT));
    }

    /** Returns the entries by their sequences. */
    Map<Long, Found> entries() {
        return entries;
    }

    /** Returns the content of a sound entry, or null if it cannot be read any more. */
    byte @Nullable [] content(Found entry) throws IOException {
        Header header = entry.header();
        ByteBuffer content = ByteBuffer.allocate(header.contentLength());
        if (entry.contentPosition() == CUT) {
            for (int number = 0; number < Pieces.count(header.contentLength()); number++) {
                Found piece = piece(header, number);
                if (piece == null) {
                    return null;
                }
                readInto(content, piece);
            }
        } else {
            readInto(content, entry);
        }
        return !content.hasRemaining() && EntryFormat.crc(content.array(), 0, content.capacity()) == header.contentCrc()
                ? content.array()
                : null;
    }

    private void readInto(ByteBuffer content, Found from) throws IOException {
        read(content.slice().limit(from.header().contentLength()), from.contentPosition());
        content.position(content.position() + from.header().contentLength());
    }

    private boolean hasPieces(Header entry) {
        if (!Pieces.isLarge(entry.contentLength())) {
            return false;
        }
        for (int number = 0; number < Pieces.count(entry.contentLength()); number++) {
            if (piece(entry, number) == null) {
                return false;
            }
        }
        return true;
    }

    /** Returns a piece of an entry, or null if it is missing or damaged. */
    private @Nullable Found piece(Header entry, int number) {
        Found piece = pieces.get(Pieces.key(entry.sequence(), number));
        return piece != null && piece.isSound() && Pieces.isPiece(piece.header(), entry, number) ? piece : null;
    }

    private void find() throws IOException {
        long front = format.mark(Place.FRONT);
        long back = format.mark(Place.BACK);
        long catalog = format.mark(Place.CATALOG);
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        long last = 0;
        for (long start = 0; start < file.size(); start += block.limit()) {
            read(block.clear(), start);
            byte[] bytes = block.array();
            for (int i = 0; i < block.limit(); i++) {
                last = last << 8 | (bytes[i] & 0xff);
                if (last == front || last == back || last == catalog) {
                    Place place = last == front ? Place.FRONT : last == back ? Place.BACK : Place.CATALOG;
                    found(start + i - 7, place);
                }
            }
            if (block.limit() == 0) {
                return;
            }
        }
    }

    /** Fills a buffer up to the end of the file, and flips it. */
    private void read(ByteBuffer into, long position) throws IOException {
        int read = 0;
        while (into.hasRemaining() && read >= 0) {
            read = file.read(into, position + into.position());
        }
        into.flip();
    }

    private void found(long position, Place place) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(EntryFormat.MAX_HEADER_BYTES);
        read(bytes, position);
        Header header = format.headerAt(bytes, 0, place);
        if (header == null || header.sequence() <= horizon) {
            return;
        }
        boolean isPiece = header.kind() == Kind.PIECE;
        Map<Long, Found> all = isPiece ? pieces : entries;
        long key = isPiece ? Pieces.key(header.sequence(), header.previous()) : header.sequence();
        Found known = all.get(key);
        if (known == null || !known.isSound()) {
            all.put(key, new Found(header, contentPosition(header, position, place)));
        }
    }

    /** Returns the position of the content beside a header, or {@link #LOST}. */
    private long contentPosition(Header header, long position, Place place) throws IOException {
        if (header.kind() == Kind.TOMBSTONE) {
            return 0;
        }
        if (place == Place.CATALOG) {
            return LOST;
        }
        long begin =
                place == Place.FRONT ? position + EntryFormat.headerBytes(header) : position - header.contentLength();
        return isWhole(header, begin) ? begin : LOST;
    }

    private boolean isWhole(Header header, long position) throws IOException {
        long end = position + header.contentLength();
        if (position < 0 || header.contentLength() < 0 || end > file.size()) {
            return false;
        }
        CRC32C crc = new CRC32C();
        ByteBuffer block = ByteBuffer.allocate(Math.min(CHECKED_BYTES, header.contentLength()));
        for (long start = position; start < end; start += block.limit()) {
            read(block.clear().limit((int) Math.min(block.capacity(), end - start)), start);
            if (block.limit() == 0) {
                return false;
            }
            crc.update(block);
        }
        return (int) crc.getValue() == header.contentCrc();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
