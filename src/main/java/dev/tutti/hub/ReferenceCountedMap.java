package dev.tutti.hub;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Values by name, each created by its first acquisition and counted by reference. Safe for any thread.
 *
 * <p>A value without references is <b>idle</b>. It stays in the map, and the next acquisition gets it, until {@link #removeIdle} or
 * {@link #removeEarliestIdle} removes it. A value with references is removed only by {@link #remove}.
 *
 * <p>Functions that are passed to a method run while the name is locked: they are short, and must not change this map.
 */
public final class ReferenceCountedMap<T> {
    /** Upper bound of the idle values that one removal tries. */
    private static final int MAX_TRIED = 16;

    private static final class Entry<T> {
        private final String name;
        private final T value;
        /** Written while the name is locked; read without the lock as a hint. */
        private int references;

        Entry(String name, T value) {
            this.name = name;
            this.value = value;
        }
    }

    private final ConcurrentMap<String, Entry<T>> entries = new ConcurrentHashMap<>();
    /** Entries without references, in the order of their last release; changed while the entry's name is locked. */
    private final Set<Entry<T>> idle = Collections.synchronizedSet(new LinkedHashSet<>());

    /**
     * Returns the value of a name with one more reference; {@link #release} must follow.
     *
     * @param create makes the value if the name has none; its exceptions are passed on
     */
    public T acquire(String name, Function<String, T> create) {
        return entries.compute(name, (key, present) -> acquire(key, present, create)).value;
    }

    /**
     * As {@link #acquire}, but returns null if the value has {@code maxReferences} already.
     *
     * @param maxReferences from 1; 0 means no limit
     */
    public @Nullable T tryAcquire(String name, Function<String, T> create, int maxReferences) {
        boolean[] acquired = {false};
        Entry<T> entry = entries.compute(name, (key, present) -> {
            if (present != null && maxReferences != 0 && present.references >= maxReferences) {
                return present;
            }
            acquired[0] = true;
            return acquire(key, present, create);
        });
        return acquired[0] ? entry.value : null;
    }

    private Entry<T> acquire(String name, @Nullable Entry<T> present, Function<String, T> create) {
        Entry<T> entry = present == null ? new Entry<>(name, create.apply(name)) : present;
        if (entry.references++ == 0) {
            idle.remove(entry);
        }
        return entry;
    }

    /** Adds a value with one reference; false, and nothing is added, if the name has a value. */
    public boolean putIfAbsent(String name, T value) {
        Entry<T> entry = new Entry<>(name, value);
        entry.references = 1;
        return entries.putIfAbsent(name, entry) == null;
    }

    /**
     * Gives back references.
     *
     * @param count how many; 0 only asks
     * @return whether the value is idle now; false if it is not in the map any more
     */
    public boolean release(String name, T value, int count) {
        boolean[] isIdle = {false};
        entries.computeIfPresent(name, (key, present) -> {
            if (present.value == value) {
                if (count > present.references) {
                    throw new IllegalStateException("more releases than acquisitions of " + name);
                }
                present.references -= count;
                isIdle[0] = present.references == 0;
                if (isIdle[0] && count > 0) {
                    idle.add(present);
                }
            }
            return present;
        });
        return isIdle[0];
    }

    /** Removes a value if it is idle and {@code condition} holds for it; returns whether it was removed. */
    public boolean removeIdle(String name, T value, Predicate<? super T> condition) {
        Entry<T> entry = entries.get(name);
        return entry != null && entry.value == value && entry.references == 0 && removeIdle(entry, condition);
    }

    /** Removes and returns the value that has been idle for the longest time; null if none is idle. */
    public @Nullable T removeEarliestIdle() {
        return removeEarliestIdle(value -> true);
    }

    /**
     * Removes and returns the value that has been idle for the longest time among those for which {@code condition} holds; null if it holds for
     * none of the first {@value #MAX_TRIED}.
     */
    public @Nullable T removeEarliestIdle(Predicate<? super T> condition) {
        List<Entry<T>> earliest;
        synchronized (idle) {
            earliest = idle.stream().limit(MAX_TRIED).toList();
        }
        for (Entry<T> entry : earliest) {
            if (removeIdle(entry, condition)) {
                return entry.value;
            }
        }
        return null;
    }

    private boolean removeIdle(Entry<T> entry, Predicate<? super T> condition) {
        boolean[] removed = {false};
        entries.computeIfPresent(entry.name, (key, present) -> {
            if (present != entry || entry.references != 0 || !condition.test(entry.value)) {
                return present;
            }
            idle.remove(entry);
            removed[0] = true;
            return null;
        });
        return removed[0];
    }

    /** Removes a value, whether it has references or not; their release does nothing then. */
    public void remove(String name, T value) {
        entries.computeIfPresent(name, (key, present) -> {
            if (present.value != value) {
                return present;
            }
            idle.remove(present);
            return null;
        });
    }

    /** Returns the value of a name without a reference; null if it has none. */
    public @Nullable T get(String name) {
        Entry<T> entry = entries.get(name);
        return entry == null ? null : entry.value;
    }

    /** Returns the number of references to the value of a name, as a hint; 0 if it has none. */
    public int references(String name) {
        Entry<T> entry = entries.get(name);
        return entry == null ? 0 : entry.references;
    }

    /** Calls {@code action} for each value, under no lock; values that are added or removed meanwhile may be left out. */
    public void forEach(Consumer<? super T> action) {
        entries.values().forEach(entry -> action.accept(entry.value));
    }

    /** Returns the names that have a value now, as a view. */
    public Set<String> names() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    /** Returns the number of values. */
    public int size() {
        return entries.size();
    }

    /** Returns whether there is no value. */
    public boolean isEmpty() {
        return entries.isEmpty();
    }
}
