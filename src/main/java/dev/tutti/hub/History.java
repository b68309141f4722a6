package dev.tutti.hub;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The latest publications of a room, without gaps, and its last offset. Guarded by its room.
 *
 * <p>Methods that change the size return by how many bytes, so that the sizes of all rooms can be added up.
 */
public final class History {
    private static final int FIRST_CAPACITY = 8;

    /** Bytes of the objects around a key. */
    private static final int KEY_OVERHEAD_BYTES = 64;

    /** A publication, the time at which it was added, and its key (optional). Immutable. */
    public record Entry(
            Publication publication,
            long addedAtNanos,
            @Nullable String key) {
        /** Returns the bytes of memory. */
        int bytes() {
            return publication.bytes() + (key == null ? 0 : KEY_OVERHEAD_BYTES + 2 * key.length());
        }
    }

    private final String epoch;
    /** The last offset that was safe at the end of each earlier epoch. */
    private final Map<String, Long> endedEpochs;

    private final HistoryRule rule;

    /** A ring with {@link #size} entries from {@link #head} on; its length is a power of two. */
    private @Nullable Entry[] ring = new Entry[0];

    private int head;
    private int size;
    private long bytes;
    private long last;
    private final Map<String, Entry> byKey = new HashMap<>(0);

    /** Makes an empty history without earlier epochs; see below. */
    public History(String epoch, HistoryRule rule) {
        this(epoch, Map.of(), rule);
    }

    /**
     * Makes an empty history, whose first publication will have the offset 1.
     *
     * @param epoch no other history has it
     * @param endedEpochs the earlier epochs whose offsets this one continues, each with its last offset: positions up to that are also positions
     *     of this epoch
     */
    public History(String epoch, Map<String, Long> endedEpochs, HistoryRule rule) {
        this.epoch = epoch;
        this.endedEpochs = Map.copyOf(endedEpochs);
        this.rule = rule;
    }

    /** Sets the last offset of a history that is empty. */
    public void startAfter(long offset) {
        last = offset;
    }

    /** Returns the position of the last publication, retained or not; its offset is 0 if there was none. */
    public Position position() {
        return new Position(epoch, last);
    }

    /** Returns the position of a publication of this history. */
    public Position position(Publication publication) {
        return new Position(epoch, publication.offset());
    }

    /** Returns the offset of the next publication. */
    public long next() {
        return last + 1;
    }

    /** Returns the result of a join; {@code since} is the last publication that the client has received, null for none. */
    public JoinResult joined(@Nullable Position since, Members members) {
        if (since == null || !reaches(since)) {
            return new JoinResult(position(), earliest(), false, List.of(), members);
        }
        return new JoinResult(position(), earliest(), true, range(since.offset() + 1, last), members);
    }

    /** Returns the first publications after a position: all retained ones, but at most {@code max}. */
    public HistoryPage since(Position since, int max) {
        boolean recovered = reaches(since);
        long from = recovered ? since.offset() + 1 : earliest();
        long to = Math.min(last, from + max - 1);
        return new HistoryPage(position(), earliest(), recovered, range(from, to), to < last);
    }

    /** Returns the last publications before a position: all retained ones, but at most {@code max}. */
    public HistoryPage before(Position before, int max) {
        if (before.offset() > end(before.epoch()) + 1 || before.offset() < earliest()) {
            return new HistoryPage(position(), earliest(), false, List.of(), false);
        }
        return upTo(before.offset() - 1, max);
    }

    /** Returns the last publications, at most {@code max}. */
    public HistoryPage latest(int max) {
        return upTo(last, max);
    }

    private HistoryPage upTo(long to, int max) {
        long from = Math.max(earliest(), to - max + 1);
        return new HistoryPage(position(), earliest(), true, range(from, to), from > earliest());
    }

    /** Returns the offset of the earliest retained publication; one more than the last offset if none is. */
    public long earliest() {
        return last + 1 - size;
    }

    /** Returns whether a position is of this epoch or one that it continues, and all publications after it are retained. */
    private boolean reaches(Position position) {
        return position.offset() >= earliest() - 1 && position.offset() <= end(position.epoch());
    }

    /** Returns the last offset of an epoch; less than any position if this history does not know the epoch. */
    private long end(String ofEpoch) {
        return ofEpoch.equals(epoch) ? last : endedEpochs.getOrDefault(ofEpoch, Long.MIN_VALUE);
    }

    /** Returns the publication with this key, null if it is not retained or too old. */
    public @Nullable Publication find(String key, long nowNanos) {
        Entry entry = byKey.get(key);
        return entry == null || isTooOld(entry, nowNanos) ? null : entry.publication;
    }

    /** Adds the next publication, with its key (optional), and drops the earliest ones that exceed the rule. */
    public long add(Publication publication, @Nullable String key, long nowNanos) {
        last = publication.offset();
        if (rule.count() == 0) {
            return 0;
        }
        if (size == ring.length) {
            grow();
        }
        Entry entry = new Entry(publication, nowNanos, key);
        ring[index(size)] = entry;
        size++;
        bytes += entry.bytes();
        if (key != null) {
            byKey.put(key, entry);
        }
        long dropped = trim(nowNanos);
        while (size > rule.count() || bytes > rule.bytes()) {
            dropped += dropEarliest();
        }
        return entry.bytes() + dropped;
    }

    /** Drops publications that are too old. */
    public long trim(long nowNanos) {
        long before = bytes;
        while (size > 0 && isTooOld(entry(0), nowNanos)) {
            dropEarliest();
        }
        if (size == 0) {
            ring = new Entry[0]; // an idle room keeps no array
            head = 0;
        }
        return bytes - before;
    }

    /** Drops the earliest publication, if there is one. */
    public long dropEarliest() {
        if (size == 0) {
            return 0;
        }
        Entry dropped = entry(0);
        ring[head] = null;
        head = head + 1 & ring.length - 1;
        size--;
        bytes -= dropped.bytes();
        if (dropped.key != null) {
            byKey.remove(dropped.key, dropped);
        }
        return -dropped.bytes();
    }

    /** Drops all publications. */
    public long clear() {
        long dropped = 0;
        while (size > 0) {
            dropped += dropEarliest();
        }
        return dropped;
    }

    /** Returns the number of retained publications. */
    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** Returns the retained publications from an offset on, with their keys. */
    public List<Entry> entriesFrom(long offset) {
        List<Entry> entries = new ArrayList<>();
        for (long next = Math.max(offset, earliest()); next <= last; next++) {
            entries.add(entry((int) (next - earliest())));
        }
        return entries;
    }

    /** Returns the bytes of memory of all retained publications. */
    public long bytes() {
        return bytes;
    }

    /** Returns the publications from one offset to another, both included and retained; none if {@code to} is smaller. */
    private List<Publication> range(long from, long to) {
        List<Publication> range = new ArrayList<>((int) Math.max(0, to - from + 1));
        for (long offset = from; offset <= to; offset++) {
            range.add(entry((int) (offset - earliest())).publication);
        }
        return range;
    }

    private boolean isTooOld(Entry entry, long nowNanos) {
        return nowNanos - entry.addedAtNanos >= rule.nanos();
    }

    private int index(int i) {
        return head + i & ring.length - 1;
    }

    private Entry entry(int i) {
        Entry entry = ring[index(i)];
        if (entry == null) {
            throw new AssertionError("no entry " + i + " of " + size);
        }
        return entry;
    }

    private void grow() {
        @Nullable Entry[] larger = new Entry[Math.max(FIRST_CAPACITY, 2 * ring.length)];
        int untilEnd = Math.min(size, ring.length - head);
        System.arraycopy(ring, head, larger, 0, untilEnd);
        System.arraycopy(ring, 0, larger, untilEnd, size - untilEnd);
        ring = larger;
        head = 0;
    }
}
