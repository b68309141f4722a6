package dev.tutti.yjs;

import java.util.Arrays;

/**
 * Ranges of clocks of one client. They come in any order and are as good as in order once {@link #normalize} was called; what
 * reads them wants that. Confined to its user.
 */
final class ClockRanges {
    private static final long[] NO_RANGES = {};

    /** The objects; most clients of an update have no ranges or one. */
    private static final int OVERHEAD_BYTES = 48;

    /** None; nobody adds any. */
    static final ClockRanges NONE = new ClockRanges();

    /** Each range's first clock in the high half, the clock after its last in the low one: in order as numbers and as ranges. */
    private long[] ranges = NO_RANGES;

    private int size;
    private boolean inOrder = true;

    /** Returns the range from one clock to before another; none if they are the same. */
    static ClockRanges of(int from, int to) {
        ClockRanges one = new ClockRanges();
        one.add(from, to);
        return one;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Returns the bytes of memory that this takes. */
    long memoryBytes() {
        return size == 0 ? 0 : OVERHEAD_BYTES + (long) Long.BYTES * ranges.length;
    }

    void clear() {
        size = 0;
        inOrder = true;
    }

    int from(int index) {
        return (int) (ranges[index] >>> Integer.SIZE);
    }

    /** Returns the clock after the last of a range. */
    int to(int index) {
        return (int) ranges[index];
    }

    /** Adds the clocks from one to before another, if there are any; quick if they come after the others. */
    void add(int from, int to) {
        if (from >= to) {
            return;
        }
        if (size > 0) {
            int last = size - 1;
            if (inOrder && from >= from(last) && from <= to(last)) {
                ranges[last] = pack(from(last), Math.max(to, to(last)));
                return;
            }
            inOrder = inOrder && from > to(last);
        }
        if (size == ranges.length) {
            ranges = Arrays.copyOf(ranges, Math.max(1, 2 * size));
        }
        ranges[size++] = pack(from, to);
    }

    void addAll(ClockRanges others) {
        for (int i = 0; i < others.size; i++) {
            add(others.from(i), others.to(i));
        }
    }

    /** Puts the ranges in order, with a gap between each and the next. */
    void normalize() {
        if (inOrder) {
            return;
        }
        long[] unordered = ranges;
        int count = size;
        Arrays.sort(unordered, 0, count);
        clear();
        for (int i = 0; i < count; i++) {
            add((int) (unordered[i] >>> Integer.SIZE), (int) unordered[i]); // writes no further than i
        }
    }

    /** Returns the index of the first range that ends after a clock; {@link #size} if none does. */
    int firstEndingAfter(int clock) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (to(middle) > clock) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    boolean contains(int clock) {
        int index = firstEndingAfter(clock);
        return index < size && from(index) <= clock;
    }

    /** Returns whether all clocks from one to before another are in here. */
    boolean covers(int from, int to) {
        int index = firstEndingAfter(from);
        return index < size && from(index) <= from && to <= to(index);
    }

    /** Adds to another what is in here of the clocks from one to before another. */
    void addPart(int from, int to, ClockRanges part) {
        for (int i = firstEndingAfter(from); i < size && from(i) < to; i++) {
            part.add(Math.max(from, from(i)), Math.min(to, to(i)));
        }
    }

    /** Returns what is both in here and in others. */
    ClockRanges and(ClockRanges others) {
        ClockRanges both = new ClockRanges();
        for (int i = 0; i < others.size; i++) {
            addPart(others.from(i), others.to(i), both);
        }
        return both;
    }

    /** Returns what is in here or in others: one of the two if the other is empty. */
    ClockRanges or(ClockRanges others) {
        if (isEmpty() || others.isEmpty()) {
            return isEmpty() ? others : this;
        }
        ClockRanges all = new ClockRanges();
        int i = 0;
        int j = 0;
        while (i < size || j < others.size) {
            if (j == others.size || (i < size && from(i) <= others.from(j))) {
                all.add(from(i), to(i));
                i++;
            } else {
                all.add(others.from(j), others.to(j));
                j++;
            }
        }
        return all;
    }

    /** Returns what is in here and not in others: this if none of them is. */
    ClockRanges without(ClockRanges others) {
        if (isEmpty() || others.isEmpty()) {
            return this;
        }
        ClockRanges left = new ClockRanges();
        int next = 0;
        for (int i = 0; i < size; i++) {
            int from = from(i);
            while (next < others.size && others.to(next) <= from) {
                next++;
            }
            for (int j = next; j < others.size && others.from(j) < to(i); j++) {
                left.add(from, Math.min(to(i), others.from(j)));
                from = Math.max(from, others.to(j));
            }
            left.add(from, to(i));
        }
        return left;
    }

    private static long pack(int from, int to) {
        return (long) from << Integer.SIZE | to;
    }
}
