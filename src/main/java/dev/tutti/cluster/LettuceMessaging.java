package dev.tutti.cluster;

import io.lettuce.core.pubsub.api.async.RedisPubSubAsyncCommands;
import java.util.concurrent.CompletionStage;

/** The commands for messages. Stateless. */
enum LettuceMessaging {
    /** A channel belongs to no key: for one Redis. */
    PLAIN("PUBLISH") {
        @Override
        CompletionStage<?> subscribe(RedisPubSubAsyncCommands<String, byte[]> to, String channel) {
            return to.subscribe(channel);
        }

        @Override
        CompletionStage<?> unsubscribe(RedisPubSubAsyncCommands<String, byte[]> from, String channel) {
            return from.unsubscribe(channel);
        }

        @Override
        CompletionStage<Long> publish(RedisPubSubAsyncCommands<String, byte[]> to, String channel, byte[] message) {
            return to.publish(channel, message);
        }
    },
    /** A channel is on the node that has the keys of its slot: for Redis Cluster, which would send plain messages through all nodes, and may lose them. */
    SHARDED("SPUBLISH") {
        @Override
        CompletionStage<?> subscribe(RedisPubSubAsyncCommands<String, byte[]> to, String channel) {
            return to.ssubscribe(channel);
        }

        @Override
        CompletionStage<?> unsubscribe(RedisPubSubAsyncCommands<String, byte[]> from, String channel) {
            return from.sunsubscribe(channel);
        }

        @Override
        CompletionStage<Long> publish(RedisPubSubAsyncCommands<String, byte[]> to, String channel, byte[] message) {
            return to.spublish(channel, message);
        }
    };

    private final String command;

    LettuceMessaging(String command) {
        this.command = command;
    }

    /** Returns the name of the command that sends a message. */
    String command() {
        return command;
    }

    abstract CompletionStage<?> subscribe(RedisPubSubAsyncCommands<String, byte[]> to, String channel);

    abstract CompletionStage<?> unsubscribe(RedisPubSubAsyncCommands<String, byte[]> from, String channel);

    /** Returns the number of connections that receive the message. */
    abstract CompletionStage<Long> publish(RedisPubSubAsyncCommands<String, byte[]> to, String channel, byte[] message);
}
