package dev.tutti.yjs;

import java.util.Arrays;

/**
 * Ranges of clocks of one client. They are added in any order; {@link #normalize} sorts and joins them, which all reading methods require.
 * Confined to its user.
 */
final class ClockRanges {
    private static final long[] NO_RANGES = {};

    /** Memory of the objects; most clients of an update have no ranges or one. */
    private static final int OVERHEAD_BYTES = 48;

    /** No ranges; must not be changed. */
    static final ClockRanges NONE = new ClockRanges();

    /** Each range's first clock in the high half, the clock after its last in the low half, so numbers and ranges have one order. */
    private long[] ranges = NO_RANGES;

    private int size;
    private boolean inOrder = true;

    /** Returns the range from {@code from} to before {@code to}; empty if they are equal. */
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

    /** Adds the clocks from {@code from} to before {@code to}; fast if they follow all others. */
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

    /** Sorts the ranges and joins those that touch or overlap. */
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

    /** Returns the index of the first range that ends after a clock; {@link #size} if there is none. */
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

    /** Returns whether this has all clocks from {@code from} to before {@code to}. */
    boolean covers(int from, int to) {
        int index = firstEndingAfter(from);
        return index < size && from(index) <= from && to <= to(index);
    }

    /** Adds to {@code part} the clocks of this from {@code from} to before {@code to}. */
    void addPart(int from, int to, ClockRanges part) {
        for (int i = firstEndingAfter(from); i < size && from(i) < to; i++) {
            part.add(Math.max(from, from(i)), Math.min(to, to(i)));
        }
    }

    /** Returns the intersection. */
    ClockRanges and(ClockRanges others) {
        ClockRanges both = new ClockRanges();
        for (int i = 0; i < others.size; i++) {
            addPart(others.from(i), others.to(i), both);
        }
        return both;
    }

    /** Returns the union: one of the two objects if the other is empty. */
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

    /** Returns the difference: this object if one of the two is empty. */
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
