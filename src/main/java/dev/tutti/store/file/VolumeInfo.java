package dev.tutti.store.file;

import dev.tutti.document.StoreException;
import org.h2.mvstore.MVMap;

/** Facts about a whole volume, in a map of its own: its format, its mark, its last sequence, its horizon. Confined to the writer. */
final class VolumeInfo {
    /** The format of this version of Tutti. */
    private static final String FORMAT = "3";
    /** The format without pieces; this version continues such a volume. */
    private static final String WHOLE_FORMAT = "2";
    /** The format without tombstones, whose catalog does not lead to updates. */
    private static final String OLD_FORMAT = "1";

    private final MVMap<String, String> map;
    private final boolean isNew;
    private final boolean hasFormerFormat;
    private final long mark;

    /** The last sequence that the map contains. */
    private long writtenSequence;

    /**
     * Reads the facts of a volume, or writes those of a new one.
     *
     * @param newMark the mark of a new volume
     * @throws StoreException if a later version of Tutti wrote the volume
     */
    VolumeInfo(MVMap<String, String> map, long newMark) {
        this.map = map;
        isNew = map.isEmpty();
        if (isNew) {
            map.put("format", FORMAT);
            map.put("mark", Long.toHexString(newMark));
        }
        map.replace("format", WHOLE_FORMAT, FORMAT);
        hasFormerFormat = OLD_FORMAT.equals(map.get("format"));
        if (!hasFormerFormat && !FORMAT.equals(map.get("format"))) {
            throw new StoreException("the documents were stored by a later version of Tutti");
        }
        mark = Long.parseUnsignedLong(String.valueOf(map.get("mark")), 16);
        writtenSequence = number("sequence");
    }

    private long number(String key) {
        String number = map.get(key);
        return number == null ? 0 : Long.parseLong(number);
    }

    /** Returns whether the volume was empty when it was opened. */
    boolean isNew() {
        return isNew;
    }

    /** Returns whether the volume has a format that must be copied into a new volume. */
    boolean hasFormerFormat() {
        return hasFormerFormat;
    }

    /** Returns the random number that marks the volume's entries. */
    long mark() {
        return mark;
    }

    /** Returns the last sequence that a commit has noted. */
    long sequence() {
        return writtenSequence;
    }

    void setSequence(long sequence) {
        if (sequence != writtenSequence) {
            map.put("sequence", Long.toString(sequence));
            writtenSequence = sequence;
        }
    }

    /** Returns the sequence up to which entries are obsolete, wherever a salvage finds them; 0 at first. */
    long horizon() {
        return number("horizon");
    }

    void setHorizon(long sequence) {
        map.put("horizon", Long.toString(sequence));
    }

    /** Changes the map, so that the next commit writes a chunk. */
    void noteCompaction(long version) {
        map.put("compacted", Long.toString(version));
    }
}
