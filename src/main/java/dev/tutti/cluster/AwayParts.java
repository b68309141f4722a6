package dev.tutti.cluster;

import dev.tutti.hub.Problem;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The parts of a Redis Cluster that take no calls from this server, by the node that has them. Confined to a thread. */
final class AwayParts {
    /** Upper bound of the nodes that {@link #problem} names. */
    private static final int MAX_NAMES = 4;

    private final StringJoiner nodes = new StringJoiner("; ");
    private int named;
    private int parts;
    private int total;

    /**
     * Adds a node.
     *
     * @param owned the number of its parts
     * @param reason why it takes no calls; null if it does
     */
    void add(String node, int owned, @Nullable String reason) {
        total += owned;
        if (reason == null) {
            return;
        }
        parts += owned;
        if (named++ < MAX_NAMES) {
            nodes.add(owned + " of " + node + ": " + reason);
        }
    }

    /** Returns the number of parts. */
    int count() {
        return parts;
    }

    /** Returns the problem, which is partial as long as another node takes calls; null for none. */
    @Nullable
    Problem problem() {
        if (parts == 0) {
            return null;
        }
        String reason = parts + " of " + total + " parts of Redis are away, " + nodes;
        return new Problem(reason, parts < total);
    }
}
