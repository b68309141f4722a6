package dev.tutti.cluster;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A connection that opens at once, to a Redis that holds nothing and answers scripts with nothing. Calls that a test does not override fail. */
class EmptyRedis implements UncalledRedis, Redis.Connector {
    @Override
    public CompletionStage<Redis> connect(Listener listener) {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public String address() {
        return "fake";
    }

    @Override
    public String generation() {
        return "1";
    }

    @Override
    public CompletionStage<?> subscribe(String channel) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<List<Object>> run(Script script, List<String> keys, List<byte[]> arguments) {
        return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public void close() {}
}
