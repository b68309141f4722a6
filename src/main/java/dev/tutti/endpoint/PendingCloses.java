package dev.tutti.endpoint;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;

/**
 * The closes of sessions that have not returned: their peer does not read, or they wait for a thread. Safe for any thread.
 *
 * <p>Their clients have left the hub, so this class counts their connections. Otherwise a client that stalls, is closed and reconnects could
 * make any number of closes wait.
 */
public final class PendingCloses {
    private final Executor executor;
    /** The closes from each address; never 0. */
    private final ConcurrentMap<String, Integer> addresses = new ConcurrentHashMap<>();

    /** @param executor runs the closes; nothing else may wait for it */
    public PendingCloses(Executor executor) {
        this.executor = executor;
    }

    /** Runs a close, which may wait for the peer, on the executor. */
    void run(String address, Runnable close) {
        addresses.merge(address, 1, Integer::sum);
        executor.execute(() -> {
            try {
                close.run();
            } finally {
                addresses.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
            }
        });
    }

    /** Returns the number of closes from an address; empty stands for unknown addresses. */
    public int from(String address) {
        return addresses.getOrDefault(address, 0);
    }

    /** Returns the number of closes. */
    public int count() {
        return addresses.values().stream().mapToInt(Integer::intValue).sum();
    }
}
