package dev.tutti.cluster;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.SlotHash;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/** Opens connections of Lettuce to the nodes of a Redis Cluster. Safe for any thread. */
final class LettuceSlotConnector implements SlotNodes.Connector {
    private static final String SCHEME = "redis-cluster://";
    private static final String TLS_SCHEME = "rediss-cluster://";

    private final List<RedisURI> seeds;
    private final LettuceClient client;

    /**
     * @param authorities as {@link LettuceClient}
     * @throws IllegalArgumentException if the address is malformed
     */
    LettuceSlotConnector(String address, String authorities) {
        seeds = parse(address);
        client = new LettuceClient(authorities);
    }

    /** Returns whether an address is one of Redis Cluster. */
    static boolean accepts(String address) {
        return address.startsWith(SCHEME) || address.startsWith(TLS_SCHEME);
    }

    /**
     * Reads {@code redis-cluster://user:password@host:6379,host:6379}.
     *
     * @throws IllegalArgumentException if the address is malformed
     */
    static List<RedisURI> parse(String address) {
        String scheme = address.startsWith(TLS_SCHEME) ? "rediss://" : "redis://";
        String rest = address.substring(address.indexOf("://") + 3);
        int at = rest.lastIndexOf('@') + 1;
        String user = rest.substring(0, at);
        return Stream.of(rest.substring(at).split(",", -1))
                .map(host -> LettuceClient.uri(scheme + user + host))
                .toList();
    }

    /** Returns a node's address, with the user and the options of the first seed. */
    private RedisURI uri(NodeAddress node) {
        return RedisURI.builder(seeds.get(0))
                .withHost(node.host())
                .withPort(node.port())
                .build();
    }

    @Override
    public List<NodeAddress> seeds() {
        return seeds.stream()
                .map(uri -> new NodeAddress(uri.getHost(), uri.getPort()))
                .toList();
    }

    @Override
    public Redis.Connector to(NodeAddress node) {
        return new Redis.Connector() {
            @Override
            public CompletionStage<Redis> connect(Redis.Listener listener) {
                return client.connect(uri(node), LettuceMessaging.SHARDED, listener);
            }

            @Override
            public String address() {
                return node.toString();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public int slot(String key) {
        return SlotHash.getSlot(key);
    }

    @Override
    public CompletionStage<Slots> readSlots(NodeAddress node) {
        return client.readNodes(uri(node))
                .thenApply(
                        answer -> Slots.parse(answer, node.host(), seeds.get(0).isSsl()));
    }

    @Override
    public void close() {
        client.close();
    }
}
