package dev.tutti.store.file;

import java.util.function.LongSupplier;

/**
 * Removes garbage and compacts the file. An idle writer does so in small steps with pauses; a busy one only as much as bounds the growth of the
 * file. A {@link CompactionAllowance} bounds the bytes. Confined to the writer.
 */
final class Housekeeping {
    /** A busy writer removes garbage from this number of obsolete updates on. */
    private static final int MAX_GARBAGE = 20_000;

    /** Upper bound of the updates that one step removes. */
    private static final int REMOVED_AT_ONCE = 5_000;

    /** A busy writer compacts a file that is larger than this and less used than the percentage. */
    private static final long LARGE_BYTES = 64L << 20;

    private static final int SPARSE_PERCENT = 40;

    /** Time between two checks of the use of the file by a busy writer; each takes time in proportion to the file. */
    private static final long BUSY_NANOS = 1_000_000_000L;

    private static final int BUSY_BYTES = 1 << 20;

    /** An idle writer compacts up to this use of the file. */
    private static final int COMPACT_PERCENT = 92;

    /** An idle writer begins to compact when the use has fallen by so much since it ended. */
    private static final int SLACK_PERCENT = 5;

    private static final int IDLE_BYTES = 8 << 20;

    /** An idle writer gives up after so many steps that do not make the file smaller. */
    private static final int MAX_FRUITLESS = 5;

    /** A writer counts as idle after this time. */
    static final long IDLE_MILLIS = 250;

    /** Minimum of the time between two steps of an idle writer. */
    private static final long MIN_PAUSE_MILLIS = 20;

    /** An idle writer pauses so many times as long as its last step took. */
    private static final int PAUSE_FACTOR = 4;

    private final LongSupplier nanoTime;
    private final CompactionAllowance allowance = new CompactionAllowance();

    /** The file may have changed since the last check of its use. */
    private boolean changed = true;
    /** No commit came since the last step. */
    private boolean idle;
    /** An idle writer has begun to compact, and goes on. */
    private boolean compacting;
    /** An idle writer begins to compact below this use of the file. */
    private int startPercent = startAfter(COMPACT_PERCENT);
    /** Steps since the last one that made the file smaller. */
    private int fruitless;

    private long bestBytes;
    private long checkedNanos;

    /**
     * Begins with a file that may need compacting.
     *
     * @param nanoTime returns nanoseconds from any origin, for durations
     */
    Housekeeping(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        checkedNanos = nanoTime.getAsLong();
    }

    /** Does the steps of a busy writer, as part of its next commit. */
    void beforeCommit(Volume volume) {
        changed();
        idle = false;
        if (volume.garbage().size() >= MAX_GARBAGE) {
            volume.garbage().remove(REMOVED_AT_ONCE);
        }
        if (volume.fileBytes() > LARGE_BYTES && nanoTime.getAsLong() - checkedNanos > BUSY_NANOS) {
            checkedNanos = nanoTime.getAsLong();
            if (mayCompact(volume, BUSY_BYTES) && volume.usedPercent() < SPARSE_PERCENT) {
                compactStep(volume, BUSY_BYTES);
            }
        }
    }

    /** Notes a change of the file, after which compacting may gain something again. */
    void changed() {
        changed = true;
    }

    /** Returns whether the writer is idle: no commit came since the last call. */
    boolean checkIdle() {
        boolean wasIdle = idle;
        idle = true;
        return wasIdle;
    }

    /** Removes some garbage for an idle writer. Returns false if there is none. */
    boolean removeGarbage(Volume volume) {
        if (volume.garbage().size() == 0) {
            return false;
        }
        volume.garbage().remove(REMOVED_AT_ONCE);
        volume.commit();
        changed = true;
        return true;
    }

    /** Compacts a little for an idle writer. Returns false if it gains too little. */
    boolean compact(Volume volume) {
        if (!compacting && changed && mayCompact(volume, IDLE_BYTES)) {
            int used = volume.usedPercent();
            startPercent = Math.max(startPercent, startAfter(used));
            compacting = used < startPercent;
            fruitless = 0;
            bestBytes = Long.MAX_VALUE;
        }
        if (compacting) {
            compactFurther(volume);
            return true;
        }
        changed = false;
        return false;
    }

    private void compactFurther(Volume volume) {
        if (changed) {
            bestBytes = Math.max(bestBytes, volume.fileBytes()); // a commit may have made it larger
            changed = false;
        }
        compactStep(volume, IDLE_BYTES);
        if (volume.fileBytes() < bestBytes) {
            bestBytes = volume.fileBytes();
            fruitless = 0;
        } else {
            fruitless++;
        }
        int used = volume.usedPercent();
        if (used >= COMPACT_PERCENT || fruitless >= MAX_FRUITLESS) {
            compacting = false;
            startPercent = startAfter(used);
        }
        compacting &= !allowance.isOverdrawn(volume);
    }

    private static int startAfter(int usedPercent) {
        return Math.min(usedPercent, COMPACT_PERCENT) - SLACK_PERCENT;
    }

    private boolean mayCompact(Volume volume, int bytes) {
        allowance.earn(volume);
        return allowance.isEnough(volume, 2L * bytes); // they are written again, and moved
    }

    private void compactStep(Volume volume, int bytes) {
        allowance.earn(volume);
        volume.compact(bytes);
        allowance.spend(volume);
    }

    /** Returns the time until the next step of an idle writer. */
    long pauseMillis(long startNanos) {
        long tookMillis = (nanoTime.getAsLong() - startNanos) / 1_000_000;
        return Math.max(MIN_PAUSE_MILLIS, PAUSE_FACTOR * tookMillis);
    }
}
