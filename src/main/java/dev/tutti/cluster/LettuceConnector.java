package dev.tutti.cluster;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
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
import java.util.stream.Collectors;

/**
 * Opens connections of Lettuce: to one address, or to the master that Sentinels name at that moment. Safe for any thread.
 */
final class LettuceConnector implements Redis.Connector {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final int THREADS = 2;

    private final RedisURI uri;
    private final ClientResources resources;
    private final RedisClient client;

    /**
     * @param authorities a file in PEM with the certificates of the authorities that Redis may have its certificate from; empty for those of the JVM
     * @throws IllegalArgumentException if the address is malformed
     */
    LettuceConnector(String address, String authorities) {
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

    /** @throws IllegalArgumentException if the address is malformed */
    static void check(String address) {
        RedisURI uri = RedisURI.create(address);
        if (!uri.getSentinels().isEmpty() && uri.getSentinelMasterId() == null) {
            throw new IllegalArgumentException("an address of Sentinel ends with /0# and the name of the master");
        }
    }

    @Override
    public CompletionStage<Redis> connect(Redis.Listener listener) {
        return client.connectPubSubAsync(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE), uri)
                .thenCompose(connection -> LettuceRedis.of(connection, listener, CONNECT_TIMEOUT));
    }

    @Override
    public String address() {
        return uri.getSentinels().isEmpty()
                ? uri.getHost() + ":" + uri.getPort()
                : "the master " + uri.getSentinelMasterId() + " of "
                        + uri.getSentinels().stream()
                                .map(sentinel -> sentinel.getHost() + ":" + sentinel.getPort())
                                .collect(Collectors.joining(", "));
    }

    @Override
    public void close() {
        client.shutdown(0, 1, TimeUnit.SECONDS);
        resources.shutdown(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
