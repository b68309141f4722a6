package dev.tutti.cluster;

import dev.tutti.hub.TimeSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Calls of scripts, whose durations are measured. Safe for any thread. */
record ScriptCalls(ClusterMetrics metrics, TimeSource time) {
    /** As {@link Redis#run}; it throws nothing. */
    CompletionStage<List<Object>> run(Redis at, Script script, List<String> keys, List<byte[]> arguments) {
        long began = time.nanos();
        try {
            return at.run(script, keys, arguments).thenApply(answer -> {
                metrics.called(script.label(), time.nanos() - began);
                return answer;
            });
        } catch (RuntimeException e) { // from the client for Redis
            return CompletableFuture.failedFuture(e);
        }
    }
}
