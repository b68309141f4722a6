package dev.tutti.store.file;

import dev.tutti.document.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.h2.mvstore.MVMap;

/**
 * Facts about a whole volume, in a map of its own: its format, its mark, its last sequence, its horizon. Confined to the writer.
 *
 * <p>A salvage reads entries by the mark and the horizon, so a damaged fact would cost all entries. A checksum protects the facts, and tells a
 * damaged format from that of a later version.
 */
final class VolumeInfo {
    /** The format of this version of Tutti. Later formats keep the checksum as it is. */
    private static final String FORMAT = "4";
    /** The format without a checksum of the facts; this version continues such a volume. */
    private static final String UNCHECKED_FORMAT = "3";
    /** The format without pieces; this version continues such a volume. */
    private static final String WHOLE_FORMAT = "2";
    /** The format without tombstones, whose catalog does not lead to updates. */
    private static final String OLD_FORMAT = "1";

    /** The key of the checksum of all other facts. */
    private static final String CHECKSUM = "checksum";

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
     * @throws IllegalStateException if a fact is damaged
     */
    VolumeInfo(MVMap<String, String> map, long newMark) {
        this.map = map;
        isNew = map.isEmpty();
        if (isNew) {
            put("format", FORMAT);
            put("mark", Long.toHexString(newMark));
        }
        String format = map.get("format");
        hasFormerFormat = OLD_FORMAT.equals(format);
        if (UNCHECKED_FORMAT.equals(format) || WHOLE_FORMAT.equals(format)) {
            put("format", FORMAT);
        } else if (!hasFormerFormat && !checksum().equals(map.get(CHECKSUM))) {
            throw new IllegalStateException("its facts are damaged");
        } else if (!hasFormerFormat && !FORMAT.equals(format)) {
            throw new StoreException("the documents were stored by a later version of Tutti");
        }
        mark = Long.parseUnsignedLong(String.valueOf(map.get("mark")), 16);
        writtenSequence = number("sequence");
    }

    private long number(String key) {
        String number = map.get(key);
        return number == null ? 0 : Long.parseLong(number);
    }

    private void put(String key, String fact) {
        map.put(key, fact);
        map.put(CHECKSUM, checksum());
    }

    private String checksum() {
        StringBuilder facts = new StringBuilder();
        for (Map.Entry<String, String> fact : map.entrySet()) {
            if (!fact.getKey().equals(CHECKSUM)) {
                facts.append(fact.getKey()).append('=').append(fact.getValue()).append('\n');
            }
        }
        byte[] bytes = facts.toString().getBytes(StandardCharsets.UTF_8);
        return Integer.toHexString(EntryFormat.crc(bytes, 0, bytes.length));
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
            put("sequence", Long.toString(sequence));
            writtenSequence = sequence;
        }
    }

    /** Returns the sequence up to which entries are obsolete, wherever a salvage finds them; 0 at first. */
    long horizon() {
        return number("horizon");
    }

    void setHorizon(long sequence) {
        put("horizon", Long.toString(sequence));
    }

    /** Changes the map, so that the next commit writes a chunk. */
    void noteCompaction(long version) {
        put("compacted", Long.toString(version));
    }
}
