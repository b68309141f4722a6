package dev.tutti.store.file;

import dev.tutti.store.file.Entry.Header;
import dev.tutti.store.file.Entry.Kind;
import java.util.Map;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a volume from beginning to end. Checks that every entry is whole, that the catalog leads to it, and that no entry is missing; adds
 * obsolete updates and pieces to the volume's garbage. Confined to the thread that opens the volume.
 */
final class VolumeCheck {
    private final Volume volume;
    /** Updates to which the catalog, or a newer update of the same document, leads; the journal must have them. */
    private final LongSet expected = new LongSet();
    /** Sum over the expected updates: 0 once all are found, and each belongs to the document that the catalog names. */
    private long expectedNames;

    /** States that have updates after them; updates before them are obsolete. */
    private final LongSet bases = new LongSet();

    /** Entries that the catalog lists, less those that were found. */
    private long states;

    private long updates;
    private long pieces;
    private @Nullable String fault;
    private boolean hasUnknownLosses;

    VolumeCheck(Volume volume) {
        this.volume = volume;
        try {
            checkCatalog();
            checkStates();
            checkDeletions();
            checkJournal();
            checkPieces();
        } catch (MVStoreException e) {
            unknownLoss("a page cannot be read");
        } catch (RuntimeException | AssertionError | OutOfMemoryError e) { // a damaged length may exceed the memory
            unknownLoss("a page makes no sense: " + e);
        }
    }

    /** Returns the first fault of the volume, or null if it is sound. */
    @Nullable
    String fault() {
        return fault;
    }

    /** Returns whether a part of the volume could not be read that may have been the only trace of an update or a deletion. */
    boolean hasUnknownLosses() {
        return hasUnknownLosses;
    }

    private void unknownLoss(String found) {
        fault(found);
        hasUnknownLosses = true;
    }

    private void fault(String found) {
        if (fault == null) {
            fault = found;
        }
    }

    private void checkCatalog() {
        String before = "";
        for (Map.Entry<String, byte[]> item : volume.catalog().entrySet()) {
            String name = item.getKey();
            CatalogEntry entry = volume.format().decodeCatalogEntry(item.getValue());
            Header state = entry == null ? null : entry.state();
            if (entry == null || (state != null && !state.name().equals(name))) {
                fault("the catalog of document " + name + " is damaged");
                continue;
            }
            if (name.compareTo(before) <= 0 || !volume.catalog().containsKey(name)) {
                fault("the catalog is out of order at document " + name);
            }
            before = name;
            checkLast(name, entry.last());
            states += state == null ? 0 : 1;
            updates += entry.updates();
            if (entry.updates() > 0) {
                expect(name, entry.lastUpdate());
                if (state != null) {
                    bases.add(state.sequence());
                }
            }
        }
    }

    private void expect(String name, long sequence) {
        expected.add(sequence);
        expectedNames += product(name, sequence);
    }

    /** Returns a number whose sum changes when a name or a sequence does, or two names are swapped. */
    private static long product(String name, long sequence) {
        return name.hashCode() * (sequence * 0x9E37_79B9_7F4A_7C15L | 1); // an odd factor loses no bit of the name
    }

    private void checkLast(String name, long sequence) {
        if (sequence <= volume.horizon() || sequence > volume.lastSequence()) {
            fault("document " + name + " has an impossible sequence");
        }
    }

    private void checkStates() {
        for (Map.Entry<String, byte[]> item : volume.states().entrySet()) {
            states--;
            String name = item.getKey();
            Header state = volume.format().headerOf(item.getValue());
            CatalogEntry entry = volume.entry(name);
            Header base = entry == null ? null : entry.state();
            if (state == null || !state.name().equals(name) || !isWhole(item.getValue(), state)) {
                fault("the state of document " + name + " is damaged");
            } else if (base == null
                    || base.sequence() != state.sequence()
                    || !volume.states().containsKey(name)) {
                fault("the state of document " + name + " does not match the catalog");
            } else {
                expectPieces(item.getValue(), state);
            }
        }
        if (states != 0) {
            fault("there are too few or too many states: " + -states);
        }
    }

    /** Returns whether a value holds the content that the header describes, or leads to pieces. */
    private static boolean isWhole(byte[] value, Header header) {
        return EntryFormat.isCut(value, header) || EntryFormat.isWhole(value, header);
    }

    private void expectPieces(byte[] value, Header entry) {
        if (EntryFormat.isCut(value, entry)) {
            pieces += Pieces.count(entry.contentLength());
        }
    }

    private void checkDeletions() {
        for (Map.Entry<String, byte[]> item : volume.tombstones().entrySet()) {
            Header tombstone = volume.format().decodeHeader(item.getValue());
            if (tombstone == null
                    || tombstone.kind() != Kind.TOMBSTONE
                    || !tombstone.name().equals(item.getKey())) {
                unknownLoss("the tombstone of document " + item.getKey() + " is damaged");
            }
        }
    }

    /** Reads the journal backwards, so that a newer entry has announced each update. */
    private void checkJournal() {
        long after = Long.MAX_VALUE;
        Cursor<Long, byte[]> cursor = volume.journal().cursor(null, null, true);
        while (cursor.hasNext()) {
            long sequence = cursor.next();
            Header update = volume.format().headerOf(cursor.getValue());
            if (update == null) {
                unknownLoss("update " + sequence + " cannot be read");
                continue;
            }
            if (update.sequence() != sequence || !isWhole(cursor.getValue(), update)) {
                fault("update " + sequence + " is damaged");
                continue;
            }
            if (sequence >= after || !volume.journal().containsKey(sequence)) {
                fault("the journal is out of order at update " + sequence);
            }
            after = sequence;
            checkUpdate(cursor.getValue(), update);
        }
        if (!expected.isEmpty() || updates != 0) {
            fault("the journal lacks an update");
        } else if (expectedNames != 0) {
            fault("an update does not belong to the document that the catalog names");
        }
    }

    private void checkUpdate(byte[] value, Header update) {
        if (expected.remove(update.sequence())) {
            updates--;
            expectedNames -= product(update.name(), update.sequence());
            expectPieces(value, update);
            if (update.previous() > 0 && !bases.contains(update.previous())) {
                expect(update.name(), update.previous());
            }
        } else if (volume.garbage().isObsolete(update)) {
            volume.garbage().add(update.sequence(), 1);
        } else {
            fault("update " + update.sequence() + " belongs to no document");
        }
    }

    private void checkPieces() {
        long before = -1;
        Header first = null;
        Header owner = null;
        for (Map.Entry<Long, byte[]> item : volume.pieces().map().entrySet()) {
            long key = item.getKey();
            Header piece = volume.format().headerOf(item.getValue());
            if (piece == null
                    || Pieces.key(piece.sequence(), piece.previous()) != key
                    || !EntryFormat.isWhole(item.getValue(), piece)) {
                fault("a piece of entry " + Pieces.sequence(key) + " is damaged");
                continue;
            }
            if (key <= before || !volume.pieces().map().containsKey(key)) {
                fault("the pieces are out of order at entry " + piece.sequence());
            }
            before = key;
            if (first == null || first.sequence() != piece.sequence()) {
                first = piece;
                owner = ownerOf(piece);
            }
            if (owner != null) {
                pieces--;
                if (!Pieces.isPiece(piece, owner, piece.previous())) {
                    fault("a piece does not match document " + owner.name());
                }
            }
        }
        if (pieces != 0) {
            fault("there are too few or too many pieces: " + -pieces);
        }
    }

    /** Returns the entry of a piece, or null if the piece is obsolete, as after a crash between the pieces and their entry. */
    private @Nullable Header ownerOf(Header piece) {
        long sequence = piece.sequence();
        if (volume.garbage().isObsolete(sequence)) {
            volume.garbage().add(sequence, 1);
            return null;
        }
        byte[] update = volume.journal().get(sequence);
        CatalogEntry entry = volume.entry(piece.name());
        return update != null ? volume.format().headerOf(update) : entry == null ? null : entry.state();
    }
}
