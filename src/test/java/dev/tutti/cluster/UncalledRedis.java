package dev.tutti.cluster;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** A connection to Redis of which a test uses some methods; all others fail. */
interface UncalledRedis extends Redis {
    @Override
    default String generation() {
        throw new UnsupportedOperationException();
    }

    @Override
    default CompletionStage<String> readGeneration() {
        throw new UnsupportedOperationException();
    }

    @Override
    default CompletionStage<List<Object>> run(Script script, List<String> keys, List<byte[]> arguments) {
        throw new UnsupportedOperationException();
    }

    @Override
    default CompletionStage<?> subscribe(String channel) {
        throw new UnsupportedOperationException();
    }

    @Override
    default void unsubscribe(String channel) {
        throw new UnsupportedOperationException();
    }

    @Override
    default CompletionStage<Long> publish(String channel, byte[] message) {
        throw new UnsupportedOperationException();
    }

    @Override
    default void close() {}
}
