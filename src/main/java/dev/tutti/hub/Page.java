package dev.tutti.hub;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The first things that several servers have, in the order of their names. Immutable.
 *
 * @param hasMore whether others follow
 * @param servers the number of servers that have answered, this one included
 * @param isPartial whether a server has not answered
 */
public record Page<T>(List<T> items, boolean hasMore, int servers, boolean isPartial) {
    /**
     * The first things that one server has, in the order of their names. Immutable.
     *
     * @param items not empty if others follow
     * @param isCut whether others may follow
     */
    public record Part<T>(List<T> items, boolean isCut) {}

    /**
     * Merges the parts of several servers. A thing that two of them have is one. Nothing comes after the last one of a part that is cut, because that
     * server may have others before it.
     *
     * @param max number of items
     */
    static <T> Page<T> of(List<Part<T>> parts, boolean isPartial, Function<T, String> name, int max) {
        NavigableMap<String, T> all = new TreeMap<>();
        String end = null;
        for (Part<T> part : parts) {
            part.items().forEach(item -> all.putIfAbsent(name.apply(item), item));
            if (part.isCut()) {
                end = earlier(end, name.apply(part.items().get(part.items().size() - 1)));
            }
        }
        NavigableMap<String, T> known = end == null ? all : all.headMap(end, true);
        List<T> items = known.values().stream().limit(max).toList();
        return new Page<>(items, end != null || items.size() < all.size(), parts.size(), isPartial);
    }

    private static String earlier(@Nullable String end, String other) {
        return end == null || other.compareTo(end) < 0 ? other : end;
    }
}
