package dev.tutti.store.file;

import java.util.function.LongSupplier;

/**
 * Gives back the space of what is obsolete: while nothing is to be written, a little at a time; while much is, only so much that the file does
 * not grow without end. Confined to the writer.
 */
final class Housekeeping {
    /** So many obsolete updates are removed although there is something to write. */
    private static final int PRESSING = 20_000;

    private static final int REMOVED_AT_ONCE = 5_000;

    /** A file so large is looked after even while there is always something to write. */
    private static final long LARGE_BYTES = 64L << 20;

    private static final int PRESSING_PERCENT = 40;
    private static final int ENOUGH_PERCENT = 92;
    private static final long BUSY_NANOS = 1_000_000_000L;
    private static final int BUSY_BYTES = 1 << 20;
    private static final int IDLE_BYTES = 8 << 20;
    static final long SOON_MILLIS = 20;
    private static final long FIRST_MILLIS = 250;
    static final long LATER_MILLIS = 60_000;

    private final LongSupplier nanoTime;

    private boolean written = true;
    private boolean rested;
    private int fruitless;
    private long bestBytes = Long.MAX_VALUE;
    private long compactedNanos;

    /**
     * Begins with a file of which nothing is known.
     *
     * @param nanoTime tells nanoseconds from any origin, for durations
     */
    Housekeeping(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        compactedNanos = nanoTime.getAsLong();
    }

    /** Removes what is obsolete along with what is written, if it has become much. */
    void beforeCommit(Volume volume) {
        changed();
        rested = false;
        if (volume.garbage().size() >= PRESSING) {
            volume.garbage().remove(REMOVED_AT_ONCE);
        }
        if (volume.fileBytes() > LARGE_BYTES
                && nanoTime.getAsLong() - compactedNanos > BUSY_NANOS
                && volume.usedPercent() < PRESSING_PERCENT) {
            volume.compact(BUSY_BYTES);
            compactedNanos = nanoTime.getAsLong();
        }
    }

    /** Something was written, so that compacting may gain something again. */
    void changed() {
        written = true;
        fruitless = 0;
        bestBytes = Long.MAX_VALUE;
    }

    /** Does a little. Returns after how many milliseconds to go on. */
    long step(Volume volume) {
        if (!rested) {
            rested = true;
            return FIRST_MILLIS; // perhaps more comes
        }
        if (volume.garbage().size() > 0) {
            volume.garbage().remove(REMOVED_AT_ONCE);
            volume.commit();
            return SOON_MILLIS;
        }
        if (!written || volume.usedPercent() >= ENOUGH_PERCENT || fruitless >= 5) {
            written = false;
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
