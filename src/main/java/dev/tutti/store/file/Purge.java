package dev.tutti.store.file;

import dev.tutti.document.StoredUpdate;
import dev.tutti.store.file.Entry.Header;
import dev.tutti.store.file.Entry.Kind;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;
import org.h2.mvstore.Cursor;

/**
 * Removes tombstones. While the file may contain entries of a deleted document, even in free space, its tombstone must stay, or a salvage would
 * restore the document. So when there are many tombstones, this writes all older documents again, a few in each step. Then the volume's horizon
 * passes the tombstones, and a salvage ignores all entries up to it. Confined to the writer.
 */
final class Purge {
    /** Fewer tombstones stay. */
    private static final int MIN_TOMBSTONES = 1_000;

    /** About the bytes of a tombstone in the file. */
    private static final long TOMBSTONE_BYTES = 150;

    /** Tombstones stay while they take a smaller part of the file: a purge writes about as much as the file has. */
    private static final int MIN_PART = 64;

    private static final int STEP_DOCUMENTS = 1_000;
    private static final long STEP_BYTES = 1L << 20;

    /** Upper bound of the bytes that a step writes, about: its own, a large document, and their pages. */
    static final long MAX_STEP_BYTES = 64L << 20;

    private final DamageLog damage;
    private final LongSupplier nextSequence;

    /** The purge removes all entries up to this sequence; 0 while none runs. */
    private long target;
    /** The last document that a step has visited. */
    private String position = "";

    /**
     * Creates a purge that does not run yet.
     *
     * @param nextSequence returns the sequence of the next entry
     */
    Purge(DamageLog damage, LongSupplier nextSequence) {
        this.damage = damage;
        this.nextSequence = nextSequence;
    }

    /** Stops a running purge, because the volume was opened again. */
    void reset() {
        target = 0;
        position = "";
    }

    /** Returns whether a purge runs, or has enough tombstones to begin. */
    boolean isDue(Volume volume) {
        long tombstones = volume.tombstones().sizeAsLong();
        return target > 0
                || (tombstones >= MIN_TOMBSTONES
                        && 2 * tombstones >= volume.catalog().sizeAsLong()
                        && MIN_PART * TOMBSTONE_BYTES * tombstones >= volume.fileBytes());
    }

    /**
     * Writes some documents again, and sets the horizon after the last one. Runs while there is no garbage.
     *
     * @return whether the purge has ended
     */
    boolean step(Volume volume, VolumeFile file) throws IOException {
        long horizon = renewSome(volume);
        if (horizon > 0) {
            volume.commit();
            file.noteHorizon(volume, horizon);
            volume.setHorizon(horizon);
        }
        volume.commit();
        file.note(volume);
        return horizon > 0;
    }

    /** Writes some documents again, without a commit. Returns the new horizon after the last one, else 0. */
    private long renewSome(Volume volume) {
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

    /** Writes a document again if a part of it is old. Returns the bytes that it wrote. */
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
        Kind kind = Kind.STATE; // the first row replaces all old entries
        EntryWriter writer = volume.entryWriter();
        List<StagedEntry> stagedEntries = rows.stream()
                .map(row -> writer.stage(name, row.update(), nextSequence.getAsLong()))
                .toList();
        for (StagedEntry staged : stagedEntries) {
            writer.write(kind, staged, millis);
            kind = Kind.UPDATE;
            millis = entry.updateMillis();
        }
        return entry.listed(name).bytes();
    }
}
