package dev.tutti.statistics;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The largest of many items, at most so many, without a list of all. Confined to its caller. */
final class Largest<T> {
    private final int max;
    private final Comparator<T> order;
    /** The smallest is at the head. */
    private final PriorityQueue<T> kept;

    /** @param max at least 1 */
    Largest(int max, Comparator<T> order) {
        this.max = max;
        this.order = order;
        this.kept = new PriorityQueue<>(max, order);
    }

    void add(T item) {
        T smallest = kept.peek();
        if (kept.size() < max || smallest == null) {
            kept.add(item);
        } else if (order.compare(item, smallest) > 0) {
            kept.remove();
            kept.add(item);
        }
    }

    /** Returns the items, the largest first. */
    List<T> list() {
        return kept.stream().sorted(order.reversed()).toList();
    }
}
