package dev.tutti.endpoint;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;

/**
 * The closes of sessions that have not returned, because their peer does not read or because they wait for a thread. Safe for any
 * thread.
 *
 * <p>Their clients have left the hub, so their connections are counted here: else one that stalls, is closed and comes back could make
 * any number of closes wait.
 */
public final class PendingCloses {
    private final Executor executor;
    /** How many there are from an address; never 0. */
    private final ConcurrentMap<String, Integer> addresses = new ConcurrentHashMap<>();

    /** Makes one whose closes run on {@code executor}, which pings do not wait for. */
    public PendingCloses(Executor executor) {
        this.executor = executor;
    }

    /** Runs a close, which may wait for the peer. */
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

    /** Returns how many there are from an address, empty for those whose address is unknown. */
    public int from(String address) {
        return addresses.getOrDefault(address, 0);
    }

    /** Returns how many there are. */
    public int count() {
        return addresses.values().stream().mapToInt(Integer::intValue).sum();
    }
}
