package dev.tutti.store.file;

import dev.tutti.document.StoredUpdate;
import dev.tutti.store.file.Entry.Head;
import dev.tutti.store.file.Entry.Kind;
import java.util.List;
import java.util.function.LongSupplier;
import org.h2.mvstore.Cursor;

/**
 * Forgets deletions. While the file may have entries of a deleted document anywhere, in free space too, its deletion must stay, or a salvage
 * would find the document again. So when there are many deletions, this writes all older documents again, a few in each step. When none is
 * left, the volume's horizon passes the deletions: entries up to it never count again. Confined to the writer.
 */
final class Purge {
    /** So many deletions are left alone; about 150 bytes of file each. */
    private static final int MIN_DELETIONS = 1_000;

    private static final int STEP_DOCUMENTS = 1_000;
    private static final long STEP_BYTES = 1L << 20;

    /** About what a step writes at most: its bytes, a large document, and the pages around them. */
    static final long MAX_STEP_BYTES = 64L << 20;

    private final Damages damages;
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
    Purge(Damages damages, LongSupplier nextSequence) {
        this.damages = damages;
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
                || (volume.deletions().sizeAsLong() >= MIN_DELETIONS
                        && 2 * volume.deletions().sizeAsLong()
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
        List<StoredUpdate> rows = volume.load(name, id -> true, damages);
        if (rows.get(0).id() > target) {
            return 0;
        }
        Head state = entry.state();
        long millis = state == null ? entry.updateMillis() : state.millis();
        Kind kind = Kind.STATE; // the first ends the old entries
        List<Draft> drafts = rows.stream()
                .map(row -> volume.stage(name, row.update(), nextSequence.getAsLong()))
                .toList();
        for (Draft draft : drafts) {
            volume.write(kind, draft, millis);
            kind = Kind.UPDATE;
            millis = entry.updateMillis();
        }
        return entry.listed(name).bytes();
    }
}
