package dev.tutti.store.file;

import dev.tutti.document.StoredUpdate;
import dev.tutti.store.file.Entry.Header;
import dev.tutti.store.file.Entry.Kind;
import java.util.List;
import java.util.function.LongSupplier;
import org.h2.mvstore.Cursor;

/**
 * Forgets tombstones. While the file may have entries of a deleted document anywhere, in free space too, its tombstone must stay, or a salvage
 * would find the document again. So when there are many tombstones, this writes all older documents again, a few in each step. When none is
 * left, the volume's horizon passes the tombstones: entries up to it never count again. Confined to the writer.
 */
final class Purge {
    /** So many tombstones are left alone; about 150 bytes of file each. */
    private static final int MIN_TOMBSTONES = 1_000;

    private static final int STEP_DOCUMENTS = 1_000;
    private static final long STEP_BYTES = 1L << 20;

    /** About what a step writes at most: its bytes, a large document, and the pages around them. */
    static final long MAX_STEP_BYTES = 64L << 20;

    private final DamageLog damage;
    private final LongSupplier nextSequence;

    /** All entries up to this one are to go; 0 if nothing is under way. */
    private long target;
    /** The last document that was looked at. */
    private String position = "";

    /**
     * Begins with nothing under way.
     *
     * @param nextSequence returns the sequence of the next entry
     */
    Purge(DamageLog damage, LongSupplier nextSequence) {
        this.damage = damage;
        this.nextSequence = nextSequence;
    }

    /** Forgets what is under way; the volume is another. */
    void reset() {
        target = 0;
        position = "";
    }

    /** Returns whether there is something to do. */
    boolean isDue(Volume volume) {
        return target > 0
                || (volume.tombstones().sizeAsLong() >= MIN_TOMBSTONES
                        && 2 * volume.tombstones().sizeAsLong()
                                >= volume.catalog().sizeAsLong());
    }

    /** Writes some documents again, without a commit. Returns the horizon once there are no more, else 0. */
    long step(Volume volume) {
        if (target == 0) {
            target = volume.lastSequence();
        }
        Cursor<String, byte[]> cursor = volume.catalog().cursor(position);
        long bytes = 0;
        for (int i = 0; i < STEP_DOCUMENTS && bytes < STEP_BYTES; i++) {
            if (!cursor.hasNext()) {
                long horizon = target;
                reset();
                return horizon;
            }
            String name = cursor.next();
            if (!name.equals(position)) {
                position = name;
                bytes += renew(volume, name);
            }
        }
        return 0;
    }

    /** Writes a document again if a part of it is old. Returns how many bytes that took. */
    private long renew(Volume volume, String name) {
        CatalogEntry entry = volume.entry(name);
        if (entry == null || (entry.state() != null && entry.state().sequence() > target)) {
            return 0;
        }
        List<StoredUpdate> rows = volume.load(name, id -> true, damage);
        if (rows.get(0).id() > target) {
            return 0;
        }
        Header state = entry.state();
        long millis = state == null ? entry.updateMillis() : state.millis();
        Kind kind = Kind.STATE; // the first ends the old entries
        List<StagedEntry> stagedEntries = rows.stream()
                .map(row -> volume.stage(name, row.update(), nextSequence.getAsLong()))
                .toList();
        for (StagedEntry staged : stagedEntries) {
            volume.write(kind, staged, millis);
            kind = Kind.UPDATE;
            millis = entry.updateMillis();
        }
        return entry.listed(name).bytes();
    }
}
