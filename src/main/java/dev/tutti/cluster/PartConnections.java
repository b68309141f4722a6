package dev.tutti.cluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The connection of each part of the rooms and documents, as far as its owner knows, and its subscriptions. Confined to one thread at a time. */
final class PartConnections {
    private final Nodes nodes;
    /** By part; null while there is none. */
    private final @Nullable Redis[] connections = new Redis[RoomKeys.PARTS];
    /** By part: the channels to which its connection is subscribed. */
    private final List<Set<String>> subscribed = new ArrayList<>();

    PartConnections(Nodes nodes) {
        this.nodes = nodes;
        for (int part = 0; part < RoomKeys.PARTS; part++) {
            subscribed.add(new HashSet<>());
        }
    }

    /** Parts have another connection, or none; those of other things than rooms and documents are ignored. */
    void replace(Set<Integer> parts, @Nullable Redis redis) {
        for (int part : parts) {
            if (part < connections.length) {
                connections[part] = redis;
                subscribed.get(part).clear();
            }
        }
    }

    @Nullable
    Redis of(int part) {
        return connections[part];
    }

    /** Returns the different connections. */
    Set<Redis> all() {
        return Stream.of(connections).filter(Objects::nonNull).collect(Collectors.toSet());
    }

    /** Receives the messages of a channel from now on; its part has a connection. */
    void subscribe(int part, String channel) {
        Redis redis = Objects.requireNonNull(of(part));
        if (subscribed.get(part).add(channel)) {
            var unused = redis.subscribe(channel).whenComplete((done, failure) -> {
                if (failure != null && nodes.of(part) == redis) {
                    nodes.refused(part, failure);
                }
            });
        }
    }

    void unsubscribe(int part, String channel) {
        Redis redis = of(part);
        if (redis != null && subscribed.get(part).remove(channel)) {
            redis.unsubscribe(channel);
        }
    }

    /** Returns the logs that have a subscription, by their connection. */
    Map<Redis, List<RedisLog>> followed(Collection<RedisLog> logs) {
        Map<Redis, List<RedisLog>> followed = new HashMap<>();
        for (RedisLog log : logs) {
            int part = log.keys().part();
            Redis redis = of(part);
            if (redis != null && subscribed.get(part).contains(log.keys().channel())) {
                followed.computeIfAbsent(redis, of -> new ArrayList<>()).add(log);
            }
        }
        return followed;
    }
}
