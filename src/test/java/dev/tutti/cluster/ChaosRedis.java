package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.hub.Position;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The Redis of a cluster that faults hit, of one of three kinds, as processes. Confined to a test. */
final class ChaosRedis implements AutoCloseable {
    /** How Redis runs. */
    enum Kind {
        /** One server. */
        ONE,
        /** A master with a replica and a Sentinel. */
        SENTINEL,
        /** A Redis Cluster. */
        CLUSTER
    }

    private static final List<String> OPTIONS = List.of(
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
            "--auto-aof-rewrite-percentage",
            "0",
            "--enable-debug-command",
            "local");

    // One of three.
    private final @Nullable RedisServer one;
    private final @Nullable RedisPair pair;
    private final @Nullable RedisMasters masters;

    ChaosRedis(Path directory, Kind kind) throws IOException {
        one = kind == Kind.ONE ? RedisServer.start(directory, OPTIONS.toArray(String[]::new)) : null;
        pair = kind == Kind.SENTINEL ? RedisPair.start(directory, OPTIONS) : null;
        masters = kind == Kind.CLUSTER ? RedisMasters.start(directory) : null;
    }

    boolean isOne() {
        return one != null;
    }

    RedisServer one() {
        return Objects.requireNonNull(one);
    }

    RedisPair pair() {
        return Objects.requireNonNull(pair);
    }

    RedisMasters masters() {
        return Objects.requireNonNull(masters);
    }

    /** Returns the address as a setting. */
    String address() {
        if (one != null) {
            return one.address();
        }
        return pair == null ? masters().address() : pair.address();
    }

    /** Returns the slot of a room. */
    static int slot(String room) {
        return RedisMasters.slot(RoomKeys.of("tutti", room).state());
    }

    private String addressOf(String room) throws IOException {
        if (one != null) {
            return one.address();
        }
        return pair == null ? masters().addressOf(slot(room)) : pair.master().address();
    }

    /** Fails unless there is one connection of each server; not of a Redis Cluster. */
    void requireConnections(int servers) throws IOException {
        if (masters != null) {
            return;
        }
        RedisServer asked = pair == null ? one() : pair.master();
        try (RedisClient client = RedisClient.create(asked.address());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            assertThat(connection.sync().clientList().lines())
                    .as("connections to Redis, with this one")
                    .filteredOn(line -> line.contains("user=default") && !line.contains("flags=S")) // no replicas
                    .hasSize(servers + 1);
        }
    }

    /** The content of a room in Redis: its position, and the data by offset. */
    record Content(Position top, SortedMap<Long, String> retained) {}

    Content read(String room) throws IOException {
        RoomKeys keys = RoomKeys.of("tutti", room);
        SortedMap<Long, String> retained = new TreeMap<>();
        try (RedisClient client = RedisClient.create(addressOf(room));
                StatefulRedisConnection<String, byte[]> connection =
                        client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE))) {
            RedisCommands<String, byte[]> commands = connection.sync();
            Map<String, byte[]> state = commands.hgetall(keys.state());
            for (StreamMessage<String, byte[]> message : commands.xrange(keys.stream(), Range.unbounded())) {
                long offset = Long.parseLong(message.getId().replaceAll("-.*", ""));
                String json = Entry.decode(message.getBody().get("p"), offset, 0)
                        .publication()
                        .data();
                retained.put(offset, json.substring(1, json.length() - 1)); // a string without escapes
            }
            Position top = new Position(ScriptAnswers.text(state.get("epoch")), ScriptAnswers.number(state.get("top")));
            return new Content(top, retained);
        }
    }

    @Override
    public void close() {
        if (one != null) {
            one.close();
        }
        if (pair != null) {
            pair.close();
        }
        if (masters != null) {
            masters.close();
        }
    }
}
