package dev.tutti.store.file;

/**
 * The bytes that compacting may write: two for each byte that the writer has written for another reason, and for each byte of the file that was
 * opened. So maintenance stays in proportion to the changes, however often they come, and however little it gains. Confined to the writer.
 */
final class CompactionAllowance {
    private static final int BYTES_FOR_A_BYTE = 2;

    /** Compacting waits for so much, however small the file: less free space is not worth the commits. */
    private static final long MIN_BYTES = 1L << 20;

    /** Negative after a run that needed more. */
    private long bytes = Long.MAX_VALUE / 2;

    /** Adds the share of the bytes that the volume has written since the last call of any method. */
    void earn(Volume volume) {
        bytes = Math.min(bytes + BYTES_FOR_A_BYTE * volume.takeWrittenBytes(), maxBytes(volume));
    }

    /** Subtracts the bytes that the volume has written since {@link #earn}. */
    void spend(Volume volume) {
        bytes -= volume.takeWrittenBytes();
    }

    /** Returns whether compacting may begin with a step that writes up to so many bytes; a step writes a small file twice at most. */
    boolean isEnough(Volume volume, long stepBytes) {
        return bytes >= Math.min(stepBytes, maxBytes(volume));
    }

    /** Returns whether compacting must stop before its end: it has written as much as the file has beyond the allowance. */
    boolean isOverdrawn(Volume volume) {
        return bytes < -volume.fileBytes();
    }

    private static long maxBytes(Volume volume) {
        return Math.max(MIN_BYTES, BYTES_FOR_A_BYTE * volume.fileBytes());
    }
}
