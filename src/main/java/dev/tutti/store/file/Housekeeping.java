package dev.tutti.store.file;

import java.util.function.LongSupplier;

/**
 * Removes garbage and compacts the file. An idle writer does so in small steps; a busy one only as much as bounds the growth of the file.
 * Confined to the writer.
 */
final class Housekeeping {
    /** A busy writer removes garbage from this number of obsolete updates on. */
    private static final int MAX_GARBAGE = 20_000;

    /** Upper bound of the updates that one step removes. */
    private static final int REMOVED_AT_ONCE = 5_000;

    /** A busy writer compacts a file that is larger than this and less used than the percentage. */
    private static final long LARGE_BYTES = 64L << 20;

    private static final int SPARSE_PERCENT = 40;

    /** Time between two steps of compacting by a busy writer. */
    private static final long BUSY_NANOS = 1_000_000_000L;

    private static final int BUSY_BYTES = 1 << 20;

    /** An idle writer compacts up to this use of the file. */
    private static final int COMPACT_PERCENT = 92;

    private static final int IDLE_BYTES = 8 << 20;

    /** An idle writer gives up after so many steps that do not make the file smaller. */
    private static final int MAX_FRUITLESS = 5;

    /** A writer counts as idle after this time. */
    private static final long IDLE_MILLIS = 250;

    /** Time to the next step while there is something to do. */
    static final long SOON_MILLIS = 20;

    /** Time to the next step while there is nothing to do. */
    static final long LATER_MILLIS = 60_000;

    private final LongSupplier nanoTime;

    /** A commit came after the last complete compaction. */
    private boolean changed = true;
    /** No commit came since the last step. */
    private boolean idle;
    /** Steps since the last one that made the file smaller. */
    private int fruitless;

    private long bestBytes = Long.MAX_VALUE;
    private long compactedNanos;

    /**
     * Begins with a file that may need compacting.
     *
     * @param nanoTime returns nanoseconds from any origin, for durations
     */
    Housekeeping(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        compactedNanos = nanoTime.getAsLong();
    }

    /** Does the steps of a busy writer, as part of its next commit. */
    void beforeCommit(Volume volume) {
        changed();
        idle = false;
        if (volume.garbage().size() >= MAX_GARBAGE) {
            volume.garbage().remove(REMOVED_AT_ONCE);
        }
        if (volume.fileBytes() > LARGE_BYTES
                && nanoTime.getAsLong() - compactedNanos > BUSY_NANOS
                && volume.usedPercent() < SPARSE_PERCENT) {
            volume.compact(BUSY_BYTES);
            compactedNanos = nanoTime.getAsLong();
        }
    }

    /** Notes a change of the file, after which compacting may gain something again. */
    void changed() {
        changed = true;
        fruitless = 0;
        bestBytes = Long.MAX_VALUE;
    }

    /** Does a step of an idle writer. Returns the milliseconds until the next. */
    long step(Volume volume) {
        if (!idle) {
            idle = true;
            return IDLE_MILLIS; // the next change may come soon
        }
        if (volume.garbage().size() > 0) {
            volume.garbage().remove(REMOVED_AT_ONCE);
            volume.commit();
            return SOON_MILLIS;
        }
        if (!changed || volume.usedPercent() >= COMPACT_PERCENT || fruitless >= MAX_FRUITLESS) {
            changed = false;
            return LATER_MILLIS;
        }
        volume.compact(IDLE_BYTES);
        compactedNanos = nanoTime.getAsLong();
        if (volume.fileBytes() < bestBytes) {
            bestBytes = volume.fileBytes();
            fruitless = 0;
        } else {
            fruitless++;
        }
        return SOON_MILLIS;
    }
}
