package dev.tutti.cluster;

import io.lettuce.core.RedisURI;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/**
 * Opens connections of Lettuce: to one address, or to the master that Sentinels name at that moment. Safe for any thread.
 */
final class LettuceConnector implements Redis.Connector {
    private final RedisURI uri;
    private final LettuceClient client;

    /**
     * @param authorities as {@link LettuceClient}
     * @throws IllegalArgumentException if the address is malformed
     */
    LettuceConnector(String address, String authorities) {
        uri = LettuceClient.uri(address);
        client = new LettuceClient(authorities);
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
        return client.connect(uri, LettuceMessaging.PLAIN, listener);
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
        client.close();
    }
}
