package dev.tutti.store.file;

import dev.tutti.store.file.Entry.Header;
import dev.tutti.store.file.Entry.Kind;

/**
 * Writes entries to the maps of a volume, and keeps the catalog, the tombstones and the garbage in step with them. An entry is staged first, then
 * written. Confined to the writer.
 */
final class EntryWriter {
    /** A commit writes about so many bytes of large contents. */
    private static final int MAX_STAGED_BYTES = 4 << 20;

    private final Volume volume;

    /** Bytes of uncommitted pieces. */
    private int stagedBytes;

    EntryWriter(Volume volume) {
        this.volume = volume;
    }

    /**
     * Prepares an entry. Writes a large content first, with commits of its own, so that no commit needs much memory. No reader sees it before
     * {@link #write}. Entries of one commit must all be staged before the first of them is written.
     *
     * @param sequence greater than all before
     */
    StagedEntry stage(String name, byte[] content, long sequence) {
        if (Pieces.isLarge(content.length)) {
            volume.garbage().staged(sequence);
            volume.setLastSequence(sequence);
            for (int number = 0; number < Pieces.count(content.length); number++) {
                volume.pieces().put(name, sequence, number, content);
                stagedBytes += Pieces.PIECE_BYTES;
                if (stagedBytes >= MAX_STAGED_BYTES) {
                    volume.flush();
                }
            }
        }
        return new StagedEntry(name, content, sequence);
    }

    /**
     * Writes an entry, which the next commit will store. The tombstone of an unknown document changes nothing.
     *
     * @return whether the document existed
     */
    boolean write(Kind kind, StagedEntry staged, long millis) {
        String name = staged.name();
        byte[] content = staged.content();
        long sequence = staged.sequence();
        if (Pieces.isLarge(content.length) && !volume.pieces().isComplete(sequence, content.length)) {
            throw new IllegalArgumentException("a large entry is not staged");
        }
        CatalogEntry before = volume.entry(name);
        if (kind == Kind.TOMBSTONE && before == null) {
            return false;
        }
        CatalogEntry known = before == null ? CatalogEntry.NONE : before;
        int crc = EntryFormat.crc(content, 0, content.length);
        put(new Header(kind, name, sequence, known.last(), millis, content.length, crc), content, known);
        if (kind != Kind.UPDATE && known.isGarbageWhenReplaced()) {
            volume.garbage().add(known.last(), Math.max(1, known.updates()));
        }
        volume.setLastSequence(sequence);
        return before != null;
    }

    private void put(Header header, byte[] content, CatalogEntry known) {
        String name = header.name();
        switch (header.kind()) {
            case UPDATE -> {
                volume.journal().put(header.sequence(), volume.format().encodeEntry(header, content));
                volume.catalog().put(name, volume.format().encode(known.plus(header)));
            }
            case STATE -> {
                volume.states().put(name, volume.format().encodeEntry(header, content));
                volume.catalog().put(name, volume.format().encode(CatalogEntry.of(header)));
                volume.tombstones().remove(name);
            }
            case TOMBSTONE -> {
                volume.tombstones().put(name, volume.format().encode(header));
                volume.catalog().remove(name);
                volume.states().remove(name);
            }
            case PIECE -> throw new IllegalArgumentException("pieces are staged");
        }
    }

    /** Notes that all pieces so far are committed. */
    void flushed() {
        stagedBytes = 0;
    }
}
