package dev.tutti.security;

import static java.util.stream.Collectors.joining;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The {@link Way}s that let a peer in. Immutable. */
public final class Ways {
    private static final List<Way> ALL = List.of(Way.LOCAL, Way.OPEN, Way.CONTAINER, Way.TOKEN);

    private final Set<Way> ways;

    private Ways(Set<Way> ways) {
        this.ways = Collections.unmodifiableSet(ways);
    }

    /**
     * Returns the ways of a setting such as {@code local,container}.
     *
     * @throws IllegalArgumentException if the text is empty, or names another way
     */
    public static Ways valueOf(String text) {
        Set<Way> ways = EnumSet.noneOf(Way.class);
        for (String part : text.split(",", -1)) {
            ways.add(ALL.stream()
                    .filter(way -> way.word().equals(part.strip()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("'" + part.strip() + "' is none of "
                            + ALL.stream().map(Way::word).collect(joining(", ")))));
        }
        return new Ways(ways);
    }

    /** Returns whether a way lets peers in. */
    public boolean include(Way way) {
        return ways.contains(way);
    }

    /** Returns whether only peers at this machine get in. */
    public boolean areLocalOnly() {
        return ways.equals(EnumSet.of(Way.LOCAL));
    }

    @Override
    public String toString() {
        return ways.stream().map(Way::word).collect(joining(","));
    }
}
