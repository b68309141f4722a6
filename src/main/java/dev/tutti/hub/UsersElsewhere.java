package dev.tutti.hub;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** The connections, rooms and documents of users on other servers, as far as these have reported them lately. Safe for any thread. */
final class UsersElsewhere {
    /** A server reports each user again in less than half of this time; the counts of a dead one end after it. */
    static final long FRESH_NANOS = 12_000_000_000L;

    /** Users beyond it are not counted together. */
    static final int MAX_USERS = 100_000;

    /** The use at one server, and when it was reported. */
    private record Reported(UserUse use, long nanos) {}

    /** By user, and by server; the inner maps never change. */
    private final ConcurrentMap<String, Map<String, Reported>> users = new ConcurrentHashMap<>();

    /** Notes what a user has open at another server. */
    void put(String server, UserUse use, long nowNanos) {
        if (use.isIdle()) {
            users.computeIfPresent(use.user(), (user, present) -> without(present, server));
        } else if (users.size() < MAX_USERS || users.containsKey(use.user())) {
            users.merge(use.user(), Map.of(server, new Reported(use, nowNanos)), UsersElsewhere::both);
        }
    }

    private static Map<String, Reported> both(Map<String, Reported> present, Map<String, Reported> more) {
        Map<String, Reported> all = new HashMap<>(present);
        all.putAll(more);
        return Map.copyOf(all);
    }

    private static @Nullable Map<String, Reported> without(Map<String, Reported> present, String server) {
        Map<String, Reported> rest = new HashMap<>(present);
        rest.remove(server);
        return rest.isEmpty() ? null : Map.copyOf(rest);
    }

    int connections(String user) {
        return count(user, UserUse::connections);
    }

    int rooms(String user) {
        return count(user, UserUse::rooms);
    }

    int documents(String user) {
        return count(user, UserUse::documents);
    }

    private int count(String user, ToIntFunction<UserUse> count) {
        long sum = 0;
        for (Reported reported : users.getOrDefault(user, Map.of()).values()) {
            sum += count.applyAsInt(reported.use);
        }
        return (int) Math.min(Integer.MAX_VALUE, sum);
    }

    /** Forgets what was not reported again in time. */
    void forgetOld(long nowNanos) {
        for (String user : users.keySet()) {
            users.computeIfPresent(user, (name, present) -> {
                Map<String, Reported> rest = new HashMap<>(present);
                rest.values().removeIf(reported -> nowNanos - reported.nanos > FRESH_NANOS);
                return rest.isEmpty() ? null : rest.size() == present.size() ? present : Map.copyOf(rest);
            });
        }
    }

    /** Forgets all: the other servers cannot be reached. */
    void clear() {
        users.clear();
    }

    int size() {
        return users.size();
    }
}
