package dev.tutti.policy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue that serves its owners in turns, and the elements of each owner in their order: an owner of many elements delays its own, and
 * others by one element each. Guarded by its user.
 */
final class FairQueue<E> {
    private final int max;
    private final int maxOfOwner;
    /** Without empty ones; the next to serve is the first. */
    private final Map<String, Deque<E>> byOwner = new LinkedHashMap<>();

    private int size;

    /** @param maxOfOwner bounds the elements of one owner */
    FairQueue(int max, int maxOfOwner) {
        this.max = max;
        this.maxOfOwner = maxOfOwner;
    }

    /** Adds an element, and returns true; if its owner, or all together, have too many, does nothing and returns false. */
    boolean offer(String owner, E element) {
        Deque<E> elements = byOwner.get(owner);
        if (size >= max || (elements != null && elements.size() >= maxOfOwner)) {
            return false;
        }
        if (elements == null) {
            elements = new ArrayDeque<>();
            byOwner.put(owner, elements);
        }
        elements.add(element);
        size++;
        return true;
    }

    /** Removes the first element of the next owner, who is the last to be served again; returns null if the queue is empty. */
    @Nullable
    E poll() {
        Iterator<Map.Entry<String, Deque<E>>> owners = byOwner.entrySet().iterator();
        if (!owners.hasNext()) {
            return null;
        }
        Map.Entry<String, Deque<E>> next = owners.next();
        owners.remove();
        E element = next.getValue().remove();
        if (!next.getValue().isEmpty()) {
            byOwner.put(next.getKey(), next.getValue());
        }
        size--;
        return element;
    }

    /** Removes the first elements of each owner as long as they match, and returns them. */
    List<E> removeFirst(Predicate<E> matches) {
        List<E> removed = new ArrayList<>(0);
        for (Iterator<Deque<E>> owners = byOwner.values().iterator(); owners.hasNext(); ) {
            Deque<E> elements = owners.next();
            while (!elements.isEmpty() && matches.test(elements.element())) {
                removed.add(elements.remove());
            }
            if (elements.isEmpty()) {
                owners.remove();
            }
        }
        size -= removed.size();
        return removed;
    }
}
