package dev.tutti.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One connection to Redis. */
class LettuceRedisIT {
    private static final Redis.Listener NOBODY = new Redis.Listener() {
        @Override
        public void received(String channel, byte[] message) {}

        @Override
        public void ended(Redis connection) {}
    };

    @TempDir
    Path directory;

    @Test
    void connectionThatFallsSilentBeforeItIsPreparedIsGivenUp() throws Exception {
        try (RedisServer server = RedisServer.start(directory);
                RedisClient client = RedisClient.create(server.address())) {
            StatefulRedisPubSubConnection<String, byte[]> connection =
                    client.connectPubSub(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE));
            server.suspend();

            assertThat(LettuceRedis.of(connection, LettuceMessaging.PLAIN, NOBODY, Duration.ofMillis(100))
                            .toCompletableFuture())
                    .failsWithin(10, TimeUnit.SECONDS);
            await().until(() -> !connection.isOpen());
            server.resume();
        }
    }
}
