package dev.tutti.store.file;

/** A queue of numbers without boxes. Confined to the writer. */
final class LongQueue {
    private long[] numbers = new long[16];
    private int start;
    private int end;

    void add(long number) {
        if (end == numbers.length) {
            int size = size();
            long[] target = size > numbers.length / 2 ? new long[2 * numbers.length] : numbers;
            System.arraycopy(numbers, start, target, 0, size);
            numbers = target;
            start = 0;
            end = size;
        }
        numbers[end++] = number;
    }

    long remove() {
        long number = numbers[start++];
        if (start == end) {
            clear();
        }
        return number;
    }

    void clear() {
        start = 0;
        end = 0;
        numbers = numbers.length > 1024 ? new long[16] : numbers;
    }

    int size() {
        return end - start;
    }
}
