package dev.tutti.cluster;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Opens connections of Lettuce to one address. Safe for any thread. */
final class LettuceConnector implements Redis.Connector {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final int THREADS = 2;

    private final RedisURI uri;
    private final ClientResources resources;
    private final RedisClient client;

    /** @throws IllegalArgumentException if the address is malformed */
    LettuceConnector(String address) {
        uri = RedisURI.create(address);
        uri.setTimeout(CONNECT_TIMEOUT);
        uri.setClientName("tutti");
        resources = ClientResources.builder()
                .ioThreadPoolSize(THREADS)
                .computationThreadPoolSize(THREADS)
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .build();
        client = RedisClient.create(resources, uri);
        client.setOptions(ClientOptions.builder()
                .protocolVersion(ProtocolVersion.RESP3)
                .autoReconnect(false)
                .socketOptions(
                        SocketOptions.builder().connectTimeout(CONNECT_TIMEOUT).build())
                .build());
    }

    /** @throws IllegalArgumentException if the address is malformed */
    static void check(String address) {
        var unused = RedisURI.create(address);
    }

    @Override
    public CompletionStage<Redis> connect(Redis.Listener listener) {
        return client.connectPubSubAsync(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE), uri)
                .thenCompose(connection -> LettuceRedis.of(connection, listener));
    }

    @Override
    public String address() {
        return uri.getHost() + ":" + uri.getPort();
    }

    @Override
    public void close() {
        client.shutdown(0, 1, TimeUnit.SECONDS);
        resources.shutdown(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
