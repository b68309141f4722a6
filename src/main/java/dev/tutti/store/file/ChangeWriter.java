package dev.tutti.store.file;

import dev.tutti.document.DocumentMove;
import dev.tutti.document.StoredDocument;
import dev.tutti.document.StoredUpdate;
import dev.tutti.store.file.Entry.Kind;
import dev.tutti.store.queue.Change;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/** Writes changes to a volume as entries, which the next commit stores. Confined to the writer. */
final class ChangeWriter {
    private final DamageLog damage;
    private final LongSupplier clockMillis;
    private final LongSupplier nextSequence;

    /**
     * Has written nothing yet.
     *
     * @param clockMillis milliseconds since 1970
     * @param nextSequence returns the sequence of the next entry
     */
    ChangeWriter(DamageLog damage, LongSupplier clockMillis, LongSupplier nextSequence) {
        this.damage = damage;
        this.clockMillis = clockMillis;
        this.nextSequence = nextSequence;
    }

    /** Returns the approximate number of bytes that a change writes. */
    static long bytesOf(Change change, Volume volume) {
        if (change.kind() != Change.Kind.MOVE) {
            return change.bytes();
        }
        CatalogEntry moved = volume.entry(change.name());
        return change.bytes() + (moved == null ? 0 : moved.listed(change.name()).bytes());
    }

    /** Writes a change, and sets its results. */
    void apply(Change change, Volume volume) {
        if (change.kind() == Change.Kind.MOVE) {
            change.setMoved(move(change.move(), volume));
            return;
        }
        String name = change.name();
        List<StoredUpdate> others = List.of();
        if (change.kind() == Change.Kind.REPLACE && !volume.hasNoRowBeside(name, change.covered())) {
            Set<Long> found = new HashSet<>();
            others = volume.load(name, id -> !(change.covered().contains(id) && found.add(id)), damage);
            if (!change.isCurrent(!found.isEmpty())) {
                change.setOthers(others);
                return;
            }
        }
        EntryWriter writer = volume.entryWriter();
        StagedEntry staged = writer.stage(name, change.content(), nextSequence.getAsLong());
        // a state replaces all entries before it, so the rows that it does not cover are written again after it
        List<StagedEntry> rewritten = stage(name, others, writer);
        long millis = clockMillis.getAsLong();
        change.setExisted(writer.write(kindOf(change), staged, millis));
        change.setId(staged.sequence());
        rewritten.forEach(other -> writer.write(Kind.UPDATE, other, millis));
        change.setOthers(rewritten.stream()
                .map(other -> new StoredUpdate(other.sequence(), other.content()))
                .toList());
    }

    /** Writes the rows again under the other name: an entry contains the name of its document. They keep the time of the last change. */
    private DocumentMove.Result move(DocumentMove move, Volume volume) {
        CatalogEntry moved = volume.entry(move.from());
        if (moved == null) {
            return DocumentMove.Result.UNKNOWN;
        }
        if (volume.entry(move.to()) != null) {
            return DocumentMove.Result.TAKEN;
        }
        StoredDocument listed = moved.listed(move.from());
        EntryWriter writer = volume.entryWriter();
        List<StagedEntry> rows = stage(move.to(), volume.load(move.from(), id -> true, damage), writer);
        StagedEntry tombstone = writer.stage(move.from(), new byte[0], nextSequence.getAsLong());
        StagedEntry note = writer.stage(move.note(), move.content(), nextSequence.getAsLong());
        rows.forEach(row -> writer.write(Kind.UPDATE, row, listed.changedMillis()));
        long millis = clockMillis.getAsLong();
        writer.write(Kind.TOMBSTONE, tombstone, millis);
        writer.write(move.content().length == 0 ? Kind.TOMBSTONE : Kind.STATE, note, millis);
        return DocumentMove.Result.MOVED;
    }

    private List<StagedEntry> stage(String name, List<StoredUpdate> rows, EntryWriter writer) {
        return rows.stream()
                .map(row -> writer.stage(name, row.update(), nextSequence.getAsLong()))
                .toList();
    }

    private static Kind kindOf(Change change) {
        return switch (change.kind()) {
            case APPEND -> Kind.UPDATE;
            case REPLACE -> Kind.STATE;
            case DELETE -> Kind.TOMBSTONE;
            case MOVE -> throw new IllegalArgumentException("a move has entries of several kinds");
        };
    }
}
