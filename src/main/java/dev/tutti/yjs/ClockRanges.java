package dev.tutti.yjs;

import java.util.Arrays;

/**
 * Ranges of clocks of one client. They come in any order and are as good as in order once {@link #normalize} was called; what
 * reads them wants that. Confined to its user.
 */
final class ClockRanges {
    private static final int MIN_CAPACITY = 4;

    /** Each range's first clock in the high half, the clock after its last in the low one: in order as numbers and as ranges. */
    private long[] ranges = new long[MIN_CAPACITY];

    private int size;
    private boolean inOrder = true;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
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
            ranges = Arrays.copyOf(ranges, 2 * size);
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

    private static long pack(int from, int to) {
        return (long) from << Integer.SIZE | to;
    }
}
