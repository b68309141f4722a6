package dev.tutti.cluster;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import java.io.File;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** The threads of Lettuce, and its connections to any address. Safe for any thread. */
final class LettuceClient implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final int THREADS = 2;

    /** For an answer to {@code CLUSTER NODES}, and for the time to connect. */
    private static final long SLOTS_MILLIS = 1_500;

    private final ClientResources resources;
    private final RedisClient client;

    /** @param authorities a file in PEM with the certificates of the authorities that Redis may have its certificate from; empty for those of the JVM */
    LettuceClient(String authorities) {
        resources = ClientResources.builder()
                .ioThreadPoolSize(THREADS)
                .computationThreadPoolSize(THREADS)
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .build();
        client = RedisClient.create(resources);
        client.setOptions(ClientOptions.builder()
                .protocolVersion(ProtocolVersion.RESP3)
                .autoReconnect(false)
                .maintNotificationsConfig(
                        MaintNotificationsConfig.disabled()) // Redis Enterprise has them; they need SLF4J
                .socketOptions(
                        SocketOptions.builder().connectTimeout(CONNECT_TIMEOUT).build())
                .sslOptions(trust(authorities))
                .build());
    }

    private static SslOptions trust(String authorities) {
        SslOptions.Builder options = SslOptions.builder().jdkSslProvider();
        return authorities.isEmpty()
                ? options.build()
                : options.trustManager(new File(authorities)).build();
    }

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException if it is malformed
     */
    static RedisURI uri(String address) {
        RedisURI uri = RedisURI.create(address);
        uri.setTimeout(CONNECT_TIMEOUT);
        uri.setClientName("tutti");
        return uri;
    }

    CompletionStage<Redis> connect(RedisURI to, LettuceMessaging messaging, Redis.Listener listener) {
        return client.connectPubSubAsync(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE), to)
                .thenCompose(connection -> LettuceRedis.of(connection, messaging, listener, CONNECT_TIMEOUT));
    }

    /** Returns the answer of {@code CLUSTER NODES}, on a connection of its own. */
    CompletionStage<String> readNodes(RedisURI of) {
        return client.connectAsync(StringCodec.UTF8, of)
                .thenCompose(connection -> readNodes(connection))
                .toCompletableFuture()
                .orTimeout(SLOTS_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static CompletionStage<String> readNodes(StatefulRedisConnection<String, String> connection) {
        return connection
                .async()
                .clusterNodes()
                .toCompletableFuture()
                .orTimeout(SLOTS_MILLIS, TimeUnit.MILLISECONDS)
                .whenComplete((nodes, failure) -> {
                    var unused = connection.closeAsync();
                });
    }

    @Override
    public void close() {
        client.shutdown(0, 1, TimeUnit.SECONDS);
        resources.shutdown(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
